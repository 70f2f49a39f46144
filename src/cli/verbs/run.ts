// `run`: the daemon in the foreground.

import { type Command, Option } from 'commander'
import { addState, addVerb, type Context, type DebugFlag, placeOf, type StateFlag } from '../context.ts'
import type { DetectionMode, RunOptions } from '../local-verbs.ts'
import { interfaceList, metricsAddress } from '../parse.ts'

interface RunFlags extends StateFlag, DebugFlag {
  readonly config?: string
  readonly detection?: DetectionMode
  readonly metrics?: string
  readonly logFormat?: NonNullable<RunOptions['logFormat']>
  readonly logLevel?: NonNullable<RunOptions['logLevel']>
}

const EXAMPLES = [
  'run',
  'run eth1,eth2',
  'run --config /etc/floodwarden.yaml',
  'run --config /etc/fastnetmon.conf --detection budget',
]

export function addRun(program: Command, context: Context): void {
  const verb = addVerb(
    program,
    'run',
    'watch traffic until SIGTERM or SIGINT; logs go to standard output',
    EXAMPLES,
  )
  addState(verb)
    .argument('[interfaces]', 'interfaces to capture on, parted by commas', interfaceList)
    .option('-c, --config <file>', 'native configuration (YAML) or a fastnetmon.conf')
    .addOption(
      new Option('--detection <mode>', 'how attacks are found, whatever the configuration says').choices([
        'budget',
        'plain',
      ]),
    )
    .option('--metrics <address>', 'where Prometheus finds the metrics, or off', metricsAddress)
    .addOption(
      new Option('--log-format <format>', 'text for people, JSON lines for machines').choices([
        'auto',
        'text',
        'json',
      ]),
    )
    .addOption(
      new Option('--log-level <level>', 'lines below it are not written').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .action(async (interfaces: string[] | undefined, flags: RunFlags) => {
      const options: RunOptions = {
        ...placeOf(context.io, flags),
        interfaces: interfaces ?? [],
        config: flags.config,
        detection: flags.detection,
        metrics: flags.metrics,
        logFormat: flags.logFormat,
        logLevel: flags.logLevel,
        debug: flags.debug ?? false,
      }
      context.exitCode = await context.verbs.run(options, context.io)
    })
}
