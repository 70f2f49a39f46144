// Joins reloads with the daemon: what is read again, who goes on by it, and who is told what came of it.

import type { Logger } from '#lib/log/logger.ts'
import type { Log } from '#lib/log/open-log.ts'
import { formatProblem } from '../config/format-problem.ts'
import { type Loaded, type LoadOptions, loadConfig } from '../config/load.ts'
import type { Daemon } from '../daemon.ts'
import { problemsOfRules } from '../rules/network-guard.ts'
import type { RuleRecord } from '../rules/rule-record.ts'
import { Reloader } from './reloader.ts'

type Ok = Extract<Loaded, { kind: 'ok' }>

/** What a reload needs of the daemon. */
interface Reloadable extends Pick<Daemon, 'reconfigure'> {
  readonly status: Pick<Daemon['status'], 'reloaded'>
  readonly alerts: Pick<Daemon['alerts'], 'reloaded'>
  readonly settings: Pick<Daemon['settings'], 'whyNot'>
  readonly resources: { readonly rules: Pick<Daemon['resources']['rules'], 'live'> }
}

/** What would take the network of a live rule away is refused. */
function withRules(loaded: Loaded, live: readonly RuleRecord[], file: string): Loaded {
  if (loaded.kind === 'refused') return loaded
  const problems = problemsOfRules(live, loaded.config, file)
  return problems.length === 0 ? loaded : { kind: 'refused', problems: [...loaded.problems, ...problems] }
}

/** Reads the same file with the same options of the command line again. `started`: no reload begins before. */
export function daemonReloader(
  options: LoadOptions,
  { config }: Ok,
  {
    daemon,
    started,
    log,
  }: {
    readonly daemon: Reloadable
    readonly started: Promise<void>
    readonly log: Pick<Log, keyof Logger | 'setLevel'>
  },
): Reloader {
  return new Reloader({
    config,
    after: started,
    load: () => withRules(loadConfig(options), daemon.resources.rules.live, options.file ?? ''),
    apply: (next, { origin, problems }) => {
      log.setLevel(next.log.level)
      return daemon.reconfigure(next, {
        origin: { kind: origin, file: options.file },
        warnings: warningsOf(problems),
      })
    },
    whyNot: path => daemon.settings.whyNot(path),
    told: reloaded => {
      const { kind, at, problems } = reloaded
      daemon.status.reloaded({
        at: new Date(at).toISOString(),
        outcome: kind,
        needsRestart: kind === 'applied' ? [...reloaded.needsRestart] : [],
        problems: problems.map(formatProblem),
      })
      if (kind === 'applied') daemon.alerts.reloaded(reloaded.changed)
    },
    log,
    now: Date.now,
  })
}

/** Reloads by order as SIGHUP does: whoever renamed the log file has it reopened, whatever becomes of the configuration. */
export function reloadByOrder(reloader: Reloader, log: Log): Pick<Reloader, 'reload'> {
  return {
    reload: async who => {
      await reopenLog(log)
      return reloader.reload(who)
    },
  }
}

/** Goes on in whatever file has the log's path now; without a file nothing happens. */
export async function reopenLog(log: Log): Promise<void> {
  await log.reopen()
  log.info('log reopened')
}

/** Has SIGHUP reload. Gives what ends that. */
export function reloadOnHangup(reloader: Reloader, log: Log): () => void {
  const reload = () =>
    void reloader.reload('SIGHUP').catch(error => log.error('the reload came to nothing', { error }))
  process.on('SIGHUP', reload)
  return () => process.off('SIGHUP', reload)
}

/** What status tells as long as the configuration is in force. */
export const warningsOf = (problems: Ok['problems']): string[] =>
  problems.filter(problem => problem.severity !== 'notice').map(formatProblem)
