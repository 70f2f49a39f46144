// The verb run: reads the configuration, starts the daemon, serves control socket and metrics, and ends on a signal.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Caller } from '#api/control.ts'
import { METRICS as DDPS_METRICS } from '#compat/ddps/api/metrics.ts'
import type { DdpsPlugin } from '#compat/ddps/api/plugin.ts'
import { METRICS as API_METRICS, ApiCounts } from '#compat/fastnetmon/api/metrics.ts'
import { serveFastnetmonApi } from '#compat/fastnetmon/api/server.ts'
import { fastnetmonWording } from '#compat/fastnetmon/log-format.ts'
import { METRICS as FASTNETMON_METRICS, fastnetmonSource } from '#compat/fastnetmon/metrics.ts'
import { exposition } from '#export/prometheus/exposition.ts'
import { serveMetrics } from '#export/prometheus/server.ts'
import { keepOnly, ownCapabilities } from '#lib/linux/capability.ts'
import { type FileLock, lockFile } from '#lib/linux/file-lock.ts'
import { ServiceNotifier } from '#lib/linux/notify.ts'
import { shareAllocator } from '#lib/linux/resident-memory.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import { METRICS as LOG_METRICS, logSource } from '#lib/log/metrics.ts'
import type { Log } from '#lib/log/open-log.ts'
import { openLog } from '#lib/log/open-log.ts'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { writePidFile } from '#lib/pid-file/pid-file.ts'
import type { Listening } from '#lib/retry-listen.ts'
import { VERSION } from '#lib/version.ts'
import { type ApiDoors, openApiDoors } from '../api-doors.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { formatProblem } from '../config/format-problem.ts'
import { type Loaded, loadConfig } from '../config/load.ts'
import { summarize, summaryLines } from '../config/summary.ts'
import { type ConsoleRoom, openConsole } from '../console/console-room.ts'
import { ControlRoom } from '../control-room.ts'
import { Daemon } from '../daemon.ts'
import { ddpsDialect, placesOf } from '../ddps/ddps-dialect.ts'
import { fastnetmonDesk } from '../fastnetmon-desk.ts'
import { prefixdDialect } from '../prefixd/prefixd-dialect.ts'
import {
  daemonReloader,
  reloadByOrder,
  reloadOnHangup,
  reopenLog,
  warningsOf,
} from '../reload/daemon-reloader.ts'
import { METRICS as RELOAD_METRICS } from '../reload/metrics.ts'
import type { Reloader } from '../reload/reloader.ts'
import { PresetDesk } from '../resources/preset-desk.ts'
import { resourcesOf } from '../resources/resource-desks.ts'
import { SectionDesk } from '../resources/section-desk.ts'
import { ConfigPlace } from '../setup/config-place.ts'
import { openSetup } from '../setup/open-setup.ts'
import type { SetupRoom } from '../setup/setup-room.ts'
import { openTelemetrySockets } from '../telemetry/sockets.ts'
import { reportReady } from './daemonize.ts'
import { settleSoon } from './settle.ts'

export interface RunOptions {
  readonly interfaces: readonly string[]
  readonly config: string | undefined
  readonly detection: 'budget' | 'plain' | undefined
  readonly metrics: string | undefined
  readonly logFormat: 'auto' | 'text' | 'json' | 'fastnetmon' | undefined
  readonly logFile: string | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | undefined
  readonly pidFile: string | undefined
  readonly onStop: 'keep' | 'withdraw' | undefined
  readonly debug: boolean
  readonly state: string
  readonly socket: string
}

/** What a daemon started by root keeps: raw sockets, ending scripts that changed their user, low ports, capture that goes first. */
const KEPT_CAPABILITIES = ['netRaw', 'kill', 'netBindService', 'sysNice'] as const
const STATE_MODE = 0o750

type Write = (text: string) => void

/** Runs until SIGTERM or SIGINT. Exit code 0 when it ended so, 1 when it could not start or a part of it died. */
export async function run(options: RunOptions, writeError: Write): Promise<number> {
  const place = new ConfigPlace(options.config, options.state, overridesOf(options))
  const loaded = loadConfig(place.loading)
  if (loaded.kind === 'refused') {
    for (const problem of loaded.problems) writeError(`${formatProblem(problem)}\n`)
    writeError('floodwarden: the configuration is refused; nothing was started\n')
    return 1
  }
  const lock = lockState(options.state, writeError)
  if (lock === undefined) return 1
  shareAllocator()
  const log = startLog(options, loaded, writeError)
  if (log === undefined) {
    lock.release()
    return 1
  }
  const stopReopening = reopenOnHangup(log)
  try {
    return await serve(options, place, loaded, log)
  } finally {
    stopReopening()
    await log.close()
    lock.release()
  }
}

const overridesOf = ({ interfaces, logLevel, debug, ...given }: RunOptions) => ({
  ...(interfaces.length === 0 ? {} : { interfaces }),
  detection: given.detection,
  metrics: given.metrics,
  logFormat: given.logFormat,
  logFile: given.logFile,
  pidFile: given.pidFile,
  onStop: given.onStop,
  logLevel: logLevel ?? (debug ? 'debug' : undefined),
})

/** The log, or `undefined` with the reason told: nobody would hear of an attack. */
function startLog(
  { debug: stacks }: RunOptions,
  { config }: Extract<Loaded, { kind: 'ok' }>,
  writeError: Write,
): Log | undefined {
  try {
    return openLog({ ...config.log, stacks, wording: fastnetmonWording })
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    writeError(`floodwarden: the log file cannot be opened: ${words}; name another one with --log-file\n`)
    return undefined
  }
}

/** Whoever renamed the log file sends SIGHUP, maybe while the daemon still starts. */
function reopenOnHangup(log: Log): () => void {
  const reopen = () => void reopenLog(log)
  process.on('SIGHUP', reopen)
  return () => process.off('SIGHUP', reopen)
}

/** The one daemon of this state directory, or `undefined` with the reason told. */
function lockState(state: string, writeError: Write): Extract<FileLock, { kind: 'locked' }> | undefined {
  try {
    mkdirSync(state, { recursive: true, mode: STATE_MODE })
    const lock = lockFile(join(state, 'lock'))
    if (lock.kind === 'locked') return lock
    const who = lock.processId === undefined ? '' : ` (process ${lock.processId})`
    writeError(
      `floodwarden: another daemon${who} uses the state directory ${state}; name another one with --state\n`,
    )
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    writeError(
      `floodwarden: the state directory ${state} cannot be used: ${words}; name another one with --state\n`,
    )
  }
  return undefined
}

async function serve(
  options: RunOptions,
  place: ConfigPlace,
  loaded: Extract<Loaded, { kind: 'ok' }>,
  log: Log,
): Promise<number> {
  const { config, origin, problems } = loaded
  const { telemetrySockets, console } = begunWithAllRights(config, log)
  sayStart(options, loaded, log)
  const { promise: ending, resolve: end } = Promise.withResolvers<number>()
  const doors: (readonly [string, Listening])[] = []
  let refusal: Error | undefined
  const daemon = new Daemon({
    config,
    origin: { kind: origin, file: place.file },
    stateDirectory: options.state,
    warnings: warningsOf(problems),
    telemetrySockets,
    listeners: () =>
      doors.flatMap(([name, { problem }]) => (problem === undefined ? [] : [`${name}: ${problem}`])),
    log,
    died: error => {
      log.error('a worker died: this is a mistake of ours; the supervisor should restart us', {
        error,
      })
      end(1)
    },
    mustEnd: problem => {
      log.error('it ends', { problem })
      refusal = new Error(problem)
      end(1)
    },
  })
  const started = daemon.start()
  const notifier = new ServiceNotifier(process.env)
  const reloader = daemonReloader(place.loading, loaded, { daemon, started, log })
  const ways = { socket: options.socket, place, console, started, state: options.state }
  const opened = openDoors(ways, loaded, daemon, reloader, log)
  doors.push(...opened.doors)
  const stopReloading = reloadOnHangup(reloader, log)
  const stopListening = onSignals(signal => {
    log.info('ending', { signal })
    end(0)
  })
  await Promise.all([started, ...doors.map(([, door]) => door.tried)])
  opened.offerSetup()
  log.info('ready', { seconds: Number(process.uptime().toFixed(3)) })
  const removePidFile = pidFileOf(config.process.pidFile, log)
  notifier.ready()
  reportReady()
  const stopSettling = settleSoon()
  const watchdog = keepAlive(notifier)
  const code = await ending
  stopReloading()
  clearInterval(watchdog)
  stopSettling()
  console?.stop()
  opened.setup.stop()
  notifier.stopping()
  await Promise.all([daemon.stop(), ...doors.map(([, door]) => door.close())])
  log.info('ended', { openAttacks: daemon.summary.attacks })
  removePidFile()
  notifier.close()
  stopListening()
  if (refusal !== undefined) throw refusal
  return code
}

/** What needs more than is kept: large queues, and a build of the console where the files are somebody else's. */
function begunWithAllRights(config: ResolvedConfig, log: Log) {
  const telemetrySockets = openTelemetrySockets(config.telemetry)
  const console = consoleOf(config, log)
  const lent = isProtecting(config) ? (['netAdmin'] as const) : []
  if (ownCapabilities().permitted !== 0n) keepOnly([...KEPT_CAPABILITIES, ...lent], lent)
  return { telemetrySockets, console }
}

/** Profiles that are added while it runs wait for a restart, unless it is root. */
const isProtecting = ({ protection }: ResolvedConfig): boolean =>
  Object.values(protection.profiles).some(({ backEnd }) => backEnd === 'nftables')

/** What is started, with which configuration, and what that says in plain words. */
function sayStart(options: RunOptions, loaded: Extract<Loaded, { kind: 'ok' }>, log: Log): void {
  const { config, origin, problems } = loaded
  log.info('starting', {
    version: VERSION,
    pid: process.pid,
    node: process.versions.node,
    state: options.state,
  })
  for (const problem of problems) {
    const told = { problem: formatProblem(problem) }
    if (problem.severity === 'warning') log.warn('configuration', told)
    else log.info('configuration', told)
  }
  for (const line of summaryLines(summarize(config, origin))) log.info('configuration', { says: line.trim() })
}

interface Ways {
  readonly socket: string
  readonly state: string
  readonly place: ConfigPlace
  readonly console: ConsoleRoom | undefined
  readonly started: Promise<void>
}

interface Opened {
  readonly doors: (readonly [string, Listening])[]
  readonly setup: SetupRoom
  /** To be called when the state was read. */
  offerSetup(): void
}

/** What is served to browsers, where anything is. */
const consoleOf = ({ api }: ResolvedConfig, log: Log): ConsoleRoom | undefined =>
  api.console && api.listen !== 'off' ? openConsole(join(import.meta.dirname, '../../..'), log) : undefined

/** Where the daemon can be asked, each door with its name. */
function openDoors(
  { socket, state, place, console, started }: Ways,
  loaded: Extract<Loaded, { kind: 'ok' }>,
  daemon: Daemon,
  reloader: Reloader,
  log: Log,
): Opened {
  const byOrder = reloadByOrder(reloader, log)
  const reload: Reloader['reload'] = who => {
    api.reload()
    sections.noteFile()
    return byOrder.reload(who)
  }
  const control = new ControlRoom(daemon, { reload }, daemon.limits)
  const { config } = loaded
  const writing = {
    ...{ loading: place.loading, store: daemon.store, now: Date.now },
    reload: (by: Caller) => control.reload(by),
  }
  const documents = daemon.state.documents
  const sections = new SectionDesk({ ...writing, loaded, config: () => daemon.config, documents })
  const apiCounts = new ApiCounts()
  const page = async () => {
    await daemon.refreshMetrics()
    const families = registry.read()
    return { text: exposition(families), families }
  }
  const setup = openSetup({ state, place, daemon, log, reload: by => control.reload(by) })
  const resources = { ...resourcesOf(daemon, control, sections), presets: new PresetDesk(writing), setup }
  let ddps: DdpsPlugin | undefined
  const api = openApiDoors({
    ...{
      control,
      household: daemon,
      socket,
      log,
      environment: process.env,
      started,
      ...(console && { console }),
    },
    dialects: (desk, gate) => {
      ddps = ddpsDialect(daemon, resources.rules, { desk, gate }, log)
      const { beside, apart } = placesOf(config.compatibility, ddps)
      return { beside: [prefixdDialect(daemon, control, { desk, gate }, page, log), ...beside], apart }
    },
    config: () => daemon.config,
    resources,
  })
  const registry = registryOf({ daemon, api, apiCounts, reloader }, log)
  registry.add(DDPS_METRICS, () => ddps?.metrics.metrics() ?? [])
  process.on('SIGHUP', () => {
    api.reload()
    sections.noteFile()
  })
  const doors: (readonly [string, Listening])[] = [...api.doors]
  const fastnetmonApi = parseListenAddress(config.compatibility.fastnetmonApi.listen)
  if (fastnetmonApi !== undefined) {
    const desk = fastnetmonDesk(control, daemon)
    const theirs = serveFastnetmonApi({ listen: fastnetmonApi, desk, counts: apiCounts, log })
    doors.push(["FastNetMon's gRPC interface", theirs])
  }
  const metrics = parseListenAddress(config.metrics.listen)
  if (metrics !== undefined)
    doors.push([
      'metrics',
      serveMetrics({ listen: metrics, registry, log, refresh: () => daemon.refreshMetrics() }),
    ])
  const offerSetup = () => setup.offer(api.accessDesk.users.hasAdmin)
  return { doors, setup, offerSetup }
}

/** Gives what removes the file again. */
function pidFileOf(path: string, log: Log): () => void {
  if (path === 'off') return () => {}
  const file = writePidFile(path)
  if (file.kind === 'written') return file.remove
  log.warn('no pid file', { path, error: file.error })
  return () => {}
}

interface Counting {
  readonly daemon: Daemon
  readonly api: ApiDoors
  readonly apiCounts: ApiCounts
  readonly reloader: Reloader
}

/** All that is counted. */
function registryOf({ daemon, api, apiCounts, reloader }: Counting, log: Log): MetricRegistry {
  const registry = new MetricRegistry()
  registry.add(
    FASTNETMON_METRICS,
    fastnetmonSource(() => daemon.status.fastnetmonNumbers()),
  )
  registry.add(LOG_METRICS, logSource(log))
  registry.add(API_METRICS, apiCounts.metrics)
  registry.add(RELOAD_METRICS, reloader.metrics)
  daemon.addMetrics(registry)
  api.addMetrics(registry)
  return registry
}

function onSignals(handle: (signal: string) => void): () => void {
  const signals = ['SIGTERM', 'SIGINT'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}

/** Tells a watching supervisor twice per interval that the main loop runs. */
function keepAlive(notifier: ServiceNotifier): NodeJS.Timeout | undefined {
  const { watchdogMilliseconds } = notifier
  if (watchdogMilliseconds === undefined) return undefined
  notifier.alive()
  return setInterval(() => notifier.alive(), watchdogMilliseconds / 2)
}
