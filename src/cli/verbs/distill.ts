// `distill`: from a dump, a report or a capture to the rules that take the attack.

import { type Command, Option } from 'commander'
import { ROUTER_PROFILES, type RouterName } from '#lib/flowspec/router-profile/profile.ts'
import { addVerb, type Context, type DebugFlag, EXIT } from '../context.ts'
import { DISTILL_FORMATS, type DistillFormat, type DistillOptions } from '../local-verbs.ts'
import { percentShare, rateBytes, serviceList, targetText, wholeNumber } from '../parse.ts'

interface DistillFlags extends DebugFlag {
  readonly normal?: string
  readonly target?: string
  readonly direction?: 'incoming' | 'outgoing'
  readonly rules: number
  readonly action: 'discard' | 'rate-limit'
  readonly rate?: number
  readonly router?: RouterName
  readonly mode: 'floodwarden' | 'ddps'
  readonly services?: DistillOptions['services']
  readonly lengths?: 'ip' | 'frame'
  readonly format: DistillFormat
  readonly description?: string
  readonly minutes?: number
  readonly ddpsFields: 'range' | 'values'
  readonly ddpsValues: number
  readonly ddpsShare: number
  readonly ddpsSamples: number
}

const EXAMPLES = [
  'distill attack.pcap',
  'distill --normal calm.pcap --services tcp/443,udp/53 attack.pcapng',
  'distill --format nftables attack.pcap > rules.nft',
  'distill --mode ddps --format ddps /var/log/fastnetmon_attacks/192.0.2.1_29_11_26_10:12:29.txt',
]

export function addDistill(program: Command, context: Context): void {
  const summary =
    'read an attack from a file and print the FlowSpec rules that take it; works without a daemon'
  const verb = addVerb(program, 'distill', summary, EXAMPLES).argument(
    '<file>',
    'capture (pcap, pcapng), report of FastNetMon, or JSON report; -: standard input',
  )
  addDdps(addForm(addTask(verb))).action(async (file: string, flags: DistillFlags) => {
    if ((flags.action === 'rate-limit') !== (flags.rate !== undefined)) {
      context.io.err('error: --action rate-limit and --rate belong together\n')
      context.exitCode = EXIT.usage
      return
    }
    context.exitCode = await context.verbs.distill(optionsOf(file, flags), context.io)
  })
}

const choice = (flags: string, words: string, choices: readonly string[], usual?: string): Option => {
  const option = new Option(flags, words).choices(choices)
  return usual === undefined ? option : option.default(usual)
}

/** What is known of the attack, and what is to be done. */
const addTask = (verb: Command): Command =>
  verb
    .option('--normal <file>', "the same of the target's traffic in calm: what rules must spare")
    .option(
      '--target <prefix>',
      'who is attacked; default: as the file says, or who gets most packets',
      targetText,
    )
    .addOption(choice('--direction <direction>', 'of the attack', ['incoming', 'outgoing']))
    .option('--services <list>', 'what the target is there for, such as tcp/443,udp/5000-5100', serviceList)
    .addOption(
      choice('--lengths <kind>', 'what sizes in reports count; default: unknown, and ip with --mode ddps', [
        'ip',
        'frame',
      ]),
    )
    .option('--rules <number>', 'rules at most', wholeNumber(1, 16), 3)
    .addOption(
      choice('--action <action>', 'what becomes of what matches', ['discard', 'rate-limit'], 'discard'),
    )
    .option(
      '--rate <rate>',
      'with --action rate-limit: such as 10mbit, 500kbit or 9600bytes, each second',
      rateBytes,
    )
    .addOption(
      choice(
        '--router <profile>',
        'who enforces the rules, see docs/reference/flowspec.md',
        Object.keys(ROUTER_PROFILES),
      ),
    )

/** How rules are written. */
const addForm = (verb: Command): Command =>
  verb
    .addOption(choice('--format <format>', 'how rules are printed', DISTILL_FORMATS, 'text'))
    .option('--description <text>', 'with --format ddps: why the rule is there')
    .option(
      '--minutes <number>',
      'with --format ddps: how long the rule holds; default 10',
      wholeNumber(1, 1440),
    )

/** The way of DDPS. */
const addDdps = (verb: Command): Command =>
  verb
    .addOption(
      choice(
        '--mode <mode>',
        "Floodwarden's distiller, or one rule of what all packets have in common, as DDPS makes it",
        ['floodwarden', 'ddps'],
        'floodwarden',
      ),
    )
    .addOption(
      choice(
        '--ddps-fields <way>',
        'with --mode ddps: from least to most, or the values that come most often',
        ['range', 'values'],
        'range',
      ),
    )
    .option('--ddps-values <number>', 'with --ddps-fields values: values at most', wholeNumber(1, 20), 10)
    .option(
      '--ddps-share <percent>',
      'with --ddps-fields values: together they are more than this of all packets',
      percentShare,
      0.1,
    )
    .option('--ddps-samples <number>', 'with --mode ddps: packets a rule needs', wholeNumber(1, 10_000), 3)

function optionsOf(file: string, flags: DistillFlags): DistillOptions {
  return {
    file,
    normal: flags.normal,
    target: flags.target,
    direction: flags.direction,
    rulesMax: flags.rules,
    rateBytesPerSecond: flags.rate,
    router: flags.router,
    mode: flags.mode,
    services: flags.services,
    lengths: flags.lengths,
    format: flags.format,
    description: flags.description,
    minutes: flags.minutes,
    ddpsFields: flags.ddpsFields,
    ddpsValuesMax: flags.ddpsValues,
    ddpsValuesShare: flags.ddpsShare,
    ddpsLinesMin: flags.ddpsSamples,
    debug: flags.debug ?? false,
  }
}
