// `run`: the daemon in the foreground.

import { type Command, Option } from 'commander'
import { addPlace, addVerb, type Context, type DebugFlag, placeOf, type StateFlag } from '../context.ts'
import type { DetectionMode, RunOptions } from '../local-verbs.ts'
import { absolutePath, interfaceList, metricsAddress } from '../parse.ts'

interface RunFlags extends StateFlag, DebugFlag {
  readonly config?: string
  readonly detection?: DetectionMode
  readonly metrics?: string
  readonly logFormat?: NonNullable<RunOptions['logFormat']>
  readonly logFile?: string
  readonly logLevel?: NonNullable<RunOptions['logLevel']>
  readonly pidFile?: string
  readonly onStop?: NonNullable<RunOptions['onStop']>
  readonly daemonize?: true
}

const EXAMPLES = [
  'run',
  'run eth1,eth2',
  'run --config /etc/floodwarden.yaml',
  'run --config /etc/fastnetmon.conf --detection budget',
  'run eth1 --config /etc/prefixd',
]

export function addRun(program: Command, context: Context): void {
  const verb = addVerb(
    program,
    'run',
    'watch traffic until SIGTERM or SIGINT; logs go to standard output',
    EXAMPLES,
  )
  addPlace(verb)
    .argument('[interfaces]', 'interfaces to capture on, parted by commas', interfaceList)
    .option(
      '-c, --config <file>',
      'native configuration (YAML), a fastnetmon.conf or a folder of prefixd; missing: floodwarden.yaml in the state directory, if a first run made one',
    )
    .addOption(
      new Option('--detection <mode>', 'how attacks are found, whatever the configuration says').choices([
        'budget',
        'plain',
      ]),
    )
    .option('--metrics <address>', 'where Prometheus finds the metrics, or off', metricsAddress)
    .addOption(
      new Option(
        '--log-format <format>',
        'text for people, JSON lines for machines, or the lines of FastNetMon',
      ).choices(['auto', 'text', 'json', 'fastnetmon']),
    )
    .option(
      '--log-file <path>',
      'append the log to this file instead of standard output; SIGHUP and reload reopen it',
      absolutePath,
    )
    .addOption(
      new Option('--log-level <level>', 'lines below it are not written').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .option('--pid-file <path>', 'file for our process number, or off')
    .addOption(
      new Option(
        '--on-stop <what>',
        'keep leaves bans in place for the next start, withdraw takes them back',
      ).choices(['keep', 'withdraw']),
    )
    .addOption(new Option('--daemonize', 'return when the daemon runs in the background').hideHelp())
    .action(async (interfaces: string[] | undefined, flags: RunFlags) => {
      const options: RunOptions = {
        ...placeOf(context.io, flags),
        interfaces: interfaces ?? [],
        config: flags.config,
        detection: flags.detection,
        metrics: flags.metrics,
        logFormat: flags.logFormat,
        logFile: flags.logFile,
        logLevel: flags.logLevel,
        pidFile: flags.pidFile,
        onStop: flags.onStop,
        daemonize: flags.daemonize ?? false,
        debug: flags.debug ?? false,
      }
      context.exitCode = await context.verbs.run(options, context.io)
    })
}
