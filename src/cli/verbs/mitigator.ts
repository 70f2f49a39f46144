// `mitigator`: switches of a MITIGATOR, by hand and as FastNetMon's notify script.

import { type Command, InvalidArgumentError } from 'commander'
import { addVerb, type Context, type DebugFlag, EXIT } from '../context.ts'
import type { MitigatorWish } from '../local-verbs.ts'
import { wholeNumber } from '../parse.ts'

const policyNumber = wholeNumber(1, 999_999_999)

interface PolicyFlag extends DebugFlag {
  readonly policy?: number
}

export function addMitigator(program: Command, context: Context): void {
  const summary =
    'switch policies and countermeasures of a MITIGATOR, which FLOODWARDEN_MITIGATOR_SERVER and its kin name'
  const group = program.command('mitigator').description(summary)
  const ask = async (wish: MitigatorWish): Promise<void> => {
    context.exitCode = await context.verbs.mitigator(wish, context.io)
  }
  addCheck(group, ask)
  addPreset(group, ask)
  addSwitch(group, ask)
  addBlock(group, ask)
  addNotify(group, context, ask)
}

type Ask = (wish: MitigatorWish) => Promise<void>

function addCheck(group: Command, ask: Ask): void {
  addVerb(group, 'check', 'see whether it can be reached, by whom, and what is missing there', [
    'mitigator check',
    'mitigator check --for 203.0.113.10 --try-writing',
  ])
    .option('--for <ip>', 'also say which policy protects this host')
    .option('--try-writing', 'write the switch of each policy as it stands, to see whether this user may')
    .action((flags: { readonly for?: string; readonly tryWriting?: true }) =>
      ask({ kind: 'check', victim: flags.for, writes: flags.tryWriting ?? false }),
    )
}

function addPreset(group: Command, ask: Ask): void {
  addVerb(
    group,
    'preset',
    'show what a policy needs for attacks (ACL drop icmp, SORB 100 packets/s), and write it when confirmed',
    ['mitigator preset --policy 1', 'mitigator preset --policy 7 --yes'],
  )
    .option(
      '--policy <id>',
      'number of the policy (default: FLOODWARDEN_MITIGATOR_POLICY, else 1)',
      policyNumber,
    )
    .option('--yes', 'write without asking')
    .action((flags: PolicyFlag & { readonly yes?: true }) =>
      ask({ kind: 'preset', policy: flags.policy, isConfirmed: flags.yes ?? false }),
    )
}

function addSwitch(group: Command, ask: Ask): void {
  addVerb(
    group,
    'switch',
    'show a switch or set it: state, monitor, announce, or a countermeasure such as acl or syn-proxy',
    ['mitigator switch acl on --policy 7', 'mitigator switch state --policy 7', 'mitigator switch state on'],
  )
    .argument(
      '<what>',
      'state (the policy itself), monitor (count only), announce (BGP), or a countermeasure',
    )
    .argument('[on-or-off]', 'without it the switch is shown', onOrOff)
    .option(
      '--policy <id>',
      'number of the policy; without it state is that of General protection',
      policyNumber,
    )
    .action((name: string, isOn: boolean | undefined, flags: PolicyFlag) =>
      ask({ kind: 'switch', name, isOn, policy: flags.policy }),
    )
}

function addBlock(group: Command, ask: Ask): void {
  addVerb(group, 'block', 'put sources onto the temporary blacklist of the policy that protects a host', [
    'mitigator block 198.51.100.7 --for 203.0.113.10',
    'mitigator block 198.51.100.0/28 192.0.2.9 --for 203.0.113.10 --ttl 600',
  ])
    .argument('<sources...>', 'addresses or prefixes')
    .requiredOption('--for <ip>', 'the attacked host')
    .option('--ttl <seconds>', 'for so long', wholeNumber(1, 86_400), 300)
    .action((sources: readonly string[], flags: { readonly for: string; readonly ttl: number }) =>
      ask({ kind: 'block', sources, target: flags.for, ttlSeconds: flags.ttl }),
    )
}

function addNotify(group: Command, context: Context, ask: Ask): void {
  const summary =
    "be FastNetMon's notify script: protect a host while it is banned (bin/floodwarden-mitigator)"
  addVerb(group, 'notify', summary, [
    'mitigator notify -v 203.0.113.10 incoming 30000 attack_details < report.txt',
    'mitigator notify --resend',
  ])
    .argument('[ip]', 'the attacked host')
    .argument('[direction]', 'incoming or outgoing')
    .argument('[pps]', 'packets per second')
    .argument('[action]', 'ban, attack_details or unban')
    .option('-v, --verbose', 'tell on standard error what is done')
    .option('--resend', 'do what earlier calls could not')
    .action(async (...args: readonly unknown[]) => {
      const words = args.slice(0, 4).filter(word => typeof word === 'string')
      const flags = args[4] as DebugFlag & { readonly verbose?: true; readonly resend?: true }
      const [ip, direction, pps, action] = words
      const isWhole = ip !== undefined && direction !== undefined && pps !== undefined && action !== undefined
      if (flags.resend ? words.length > 0 : !isWhole) {
        context.io.err('error: expected IP DIRECTION PPS ACTION, or --resend alone\n')
        context.exitCode = EXIT.usage
        return
      }
      const call = isWhole ? { ip, direction, pps, action } : undefined
      await ask({ kind: 'notify', call, isVerbose: flags.verbose ?? flags.debug ?? false })
    })
}

function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('expected on or off')
  return text === 'on'
}
