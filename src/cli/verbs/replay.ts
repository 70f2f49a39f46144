// `replay`: a recorded capture through the whole path.

import { type Command, Option } from 'commander'
import { addJson, addVerb, type Context, type DebugFlag, type JsonFlag } from '../context.ts'
import type { DetectionMode, ReplayOptions, ReplaySpeed } from '../local-verbs.ts'
import { prefixList, replaySpeed } from '../parse.ts'

interface ReplayFlags extends DebugFlag, JsonFlag {
  readonly config?: string
  readonly networks?: readonly string[]
  readonly detection?: DetectionMode
  readonly speed: ReplaySpeed
  readonly script?: string
  readonly telemetry?: boolean
  readonly rules?: boolean
}

const EXAMPLES = [
  'replay --networks 192.0.2.0/24,2001:db8::/32 attack.pcap',
  'replay --config /etc/floodwarden.yaml --json attack.pcapng',
  'replay --telemetry --networks 192.0.2.0/24 netflow.pcap',
  'replay --rules --networks 192.0.2.0/24 attack.pcap',
  'replay --speed 10 --script ./notify_about_attack.sh attack.pcap',
]

export function addReplay(program: Command, context: Context): void {
  const summary = 'read a capture file and report the attacks in it; same file, same reports'
  addJson(addVerb(program, 'replay', summary, EXAMPLES))
    .argument('<file>', 'pcap or pcapng')
    .option('-c, --config <file>', 'native configuration (YAML) or a fastnetmon.conf')
    .option('--networks <prefixes>', 'prefixes that are watched, parted by commas', prefixList)
    .addOption(
      new Option('--detection <mode>', 'how attacks are found, whatever the configuration says').choices([
        'budget',
        'plain',
      ]),
    )
    .option('--speed <speed>', 'full, recorded, or how many times faster than recorded', replaySpeed, 'full')
    .option(
      '--telemetry',
      'decode sFlow, NetFlow and IPFIX sent to telemetry.listen, or else to 6343, 2055, 4739, 9995 and 9996',
    )
    .option('--rules', 'say which FlowSpec rules the packets of each attack suggest')
    .option('--script <path>', 'program to call for each ban; without it none is called')
    .action(async (file: string, flags: ReplayFlags) => {
      const options: ReplayOptions = {
        file,
        config: flags.config,
        networks: flags.networks,
        detection: flags.detection,
        speed: flags.speed,
        script: flags.script,
        telemetry: flags.telemetry ?? false,
        rules: flags.rules ?? false,
        json: flags.json ?? false,
        debug: flags.debug ?? false,
      }
      context.exitCode = await context.verbs.replay(options, context.io)
    })
}
