// `simulate`: what policy would decide about an attack, past or made up. Nothing is touched.

import { type Command, Option } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import { type Simulation, simulateInput } from '#api/contract/simulate.ts'
import { durationText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context, EXIT, printJson } from '../context.ts'
import { wholeNumber } from '../parse.ts'

interface SimulateFlags extends AskFlags {
  readonly config?: string
  readonly host?: string
  readonly direction?: 'incoming' | 'outgoing'
  readonly vector?: string
  readonly pps?: number
  readonly bps?: number
  readonly limit?: number
  readonly confidence?: number
  readonly hostgroup?: string
  readonly playbook?: string
  readonly seconds?: number
  readonly calmAfter?: number
}

const EXAMPLES = [
  'simulate mi7kq3l9-1',
  'simulate --host 192.0.2.7 --vector dns-amplification --pps 400000',
  'simulate --config new.yaml --host 192.0.2.7 --vector syn_flood --playbook web',
]
const DAY_SECONDS = 86_400
const MOST = 1e12

export function addSimulate(program: Command, context: Context): void {
  const verb = addVerb(
    program,
    'simulate',
    'say what would be decided about an attack; nothing is done',
    EXAMPLES,
  )
  addState(addJson(verb))
    .argument('[attack]', 'the identifier of an attack that was; without it one is made up')
    .option('-c, --config <file>', 'go by this file, without a daemon')
    .option('--host <ip>', 'the host of a made-up attack')
    .addOption(new Option('--direction <word>', 'of a made-up attack').choices(['incoming', 'outgoing']))
    .option('--vector <name>', 'a vector such as dns-amplification, or a type such as udp_flood')
    .option('--pps <count>', 'packets per second', wholeNumber(1, MOST))
    .option('--bps <count>', 'bits per second', wholeNumber(1, 1e15))
    .option('--limit <count>', 'the limit it goes over, in packets per second', wholeNumber(1, MOST))
    .option('--confidence <share>', 'how surely it is what it seems, 0 to 1', Number)
    .option('--hostgroup <name>', 'hostgroup of the host')
    .option('--playbook <name>', 'ask only this one')
    .option('--seconds <count>', 'follow it for so long', wholeNumber(0, DAY_SECONDS))
    .option('--calm-after <count>', 'its traffic ends after so many seconds', wholeNumber(0, DAY_SECONDS))
    .action((attackId: string | undefined, flags: SimulateFlags) => {
      if (attackId === undefined && flags.host === undefined)
        return verb.error('error: name an attack, or the --host of a made-up one')
      return run(context, flags, requestOf(attackId, flags))
    })
}

const requestOf = (attackId: string | undefined, flags: SimulateFlags) => ({
  attackId,
  madeUp:
    flags.host === undefined
      ? undefined
      : {
          host: flags.host,
          direction: flags.direction,
          vector: flags.vector,
          packetsPerSecond: flags.pps,
          bitsPerSecond: flags.bps,
          limitPacketsPerSecond: flags.limit,
          confidence: flags.confidence,
          hostgroup: flags.hostgroup,
        },
  playbook: flags.playbook,
  seconds: flags.seconds,
  calmAfterSeconds: flags.calmAfter,
})

async function run(
  context: Context,
  flags: SimulateFlags,
  request: ReturnType<typeof requestOf>,
): Promise<void> {
  const { io, verbs } = context
  if (flags.config === undefined) return ask(context, flags, ROUTES.simulate, request, simulationText)
  const read = simulateInput.safeParse(request)
  if (!read.success) {
    for (const { path, message } of read.error.issues) io.err(`floodwarden: ${path.join('.')}: ${message}\n`)
    context.exitCode = EXIT.usage
    return
  }
  const simulation = await verbs.simulate({ config: flags.config, request: read.data }, io)
  context.exitCode = simulation === undefined ? EXIT.failed : EXIT.ok
  if (simulation === undefined) return
  if (flags.json) printJson(io, simulation)
  else io.out(simulationText(simulation))
}

export function simulationText({ attack, moments, rails }: Simulation): string {
  const refused = rails.filter(({ allowed }) => !allowed)
  const lines = moments.flatMap(({ atSeconds, playbook, step, ttlSeconds, actions, text }) => {
    const place = playbook === undefined ? 'built in' : `playbook ${playbook}, step ${step}`
    const lasts = ttlSeconds === undefined ? '' : `, for ${durationText(ttlSeconds)} at a time`
    return [
      `\nafter ${durationText(atSeconds)}: ${place}${lasts}`,
      ...actions.map(action => `  ${action}`),
      `  (${text})`,
    ]
  })
  const said = refused.map(({ rail, reason }) => `  ! ${reason} (rail ${rail})`)
  return `${[attack, ...said, ...lines].join('\n')}\n`
}
