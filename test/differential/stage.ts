// One run: FastNetMon and Floodwarden on the same interface at the same time, and what each of them told.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack } from '#api/contract/attack.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { FastnetmonPeer } from '../../lab/peer/fastnetmon.ts'
import { floodHosts } from '../../lab/peer/flood-hosts.ts'
import { attackFiles, withOwnVarLog } from '../../lab/peer/own-var-log.ts'
import { type Arrivals, Witness } from '../../lab/peer/witness.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { type RecordedCall, type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import type { Sent } from '../../lab/sent.ts'
import { BAN_SECONDS, type Files, writeConf } from './conf.ts'
import type { Run, Scenario } from './scenarios.ts'
import { readScreen, type Screen } from './screen-file.ts'
import { type Totals, totalsAt } from './totals.ts'

/** What one of the two programs did in a run. */
export interface Told {
  readonly calls: readonly RecordedCall[]
  /** Its files of attacks by name. */
  readonly files: ReadonlyMap<string, string>
  readonly steady: readonly Steady[]
  /** Packets it has counted when all is over. */
  readonly counted: number
}

/** Its numbers at one moment of steady traffic. */
export interface Steady {
  readonly screen4: Screen
  readonly screen6: Screen
  readonly totals: Totals
}

export interface Played {
  readonly run: Run
  readonly theirs: Told
  readonly ours: Told
  readonly theirLog: string
  /** Ours, with the moment of the tick that opened each. */
  readonly attacks: readonly Attack[]
  /** What arrived at the interface, for the hosts in `witnessed`. */
  readonly arrivals: ReadonlyMap<string, Arrivals>
  readonly sent: readonly Sent[]
}

interface Side {
  readonly folder: string
  readonly files: Files
  readonly script: RecordingScript
  readonly port: number
}

const PORTS = { theirs: 9209, ours: 9210 } as const
/** Ticks of both programs before the traffic begins, so that their first one is behind them. */
const SETTLE_MS = 1200
const WITNESSED_MAX = 5
const STEADY_MS = 10_000
/** A script may still be writing its call down. */
const SCRIPT_MS = 1000

/** Plays the run in `folder`; takes everything down at the end. `onSent`: all traffic was sent, and only calls are waited for. */
export async function play(run: Run, folder: string, onSent = () => {}): Promise<Played> {
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links as [Link]
  const side = (name: keyof typeof PORTS): Side => {
    const own = join(folder, name)
    mkdirSync(own, { recursive: true })
    const script = recordingScript(own)
    const port = PORTS[name]
    const place = { interfaceName: link.to.interface, script: script.path, port, run: run.settings }
    return { folder: own, files: writeConf(own, place), script, port }
  }
  const theirs = side('theirs')
  const ours = side('ours')
  const witnessed = witnessedHosts(run)
  await using peer = await FastnetmonPeer.start({
    lab,
    role: 'detector',
    folder: theirs.folder,
    config: theirs.files.config,
  })
  await using daemon = await RunningDaemon.start({
    state: join(ours.folder, 'state'),
    words: ['--config', ours.files.config],
    spawn: (argv, options) => lab.spawn('detector', withOwnVarLog(ours.folder, argv), options),
  })
  await using witness = await Witness.start(lab, link.to, witnessed, join(folder, 'witness.pcap'))
  await sleep(SETTLE_MS)
  const sending = floodHosts(lab, link, run.scenarios)
  // A run that fails earlier ends the generators; that is not what went wrong.
  sending.catch(() => {})
  const steady = run.isSteady ? await watchSteady(lab, run, theirs, ours) : { theirs: [], ours: [] }
  const sent = await sending
  onSent()
  await allTold(run, theirs, ours)
  const { attacks } = await daemon.call(ROUTES.attacks, { limit: 1000 })
  const [theirTotals, ourTotals] = await totalsAt(lab, [theirs.port, ours.port])
  return {
    run,
    theirs: toldBy(theirs, steady.theirs, theirTotals!),
    ours: toldBy(ours, steady.ours, ourTotals!),
    theirLog: peer.log,
    attacks,
    arrivals: await witness.end(witnessed),
    sent,
  }
}

const toldBy = ({ script, folder }: Side, steady: readonly Steady[], { processed }: Totals): Told => ({
  calls: script.calls(),
  files: attackFiles(folder),
  steady,
  counted: processed,
})

/** Hosts whose packets are recorded: few, since a recorder of everything would starve whom it watches. */
const witnessedHosts = (run: Run): string[] =>
  run.scenarios
    .filter(isFormulaCase)
    .map(({ host }) => host)
    .slice(0, WITNESSED_MAX)

const isFormulaCase = ({ host, banned }: Scenario): boolean => banned !== undefined && !host.includes(':')

/** Looks at both once a second for the last ten seconds of the traffic. */
async function watchSteady(
  lab: Lab,
  run: Run,
  theirs: Side,
  ours: Side,
): Promise<Record<'theirs' | 'ours', Steady[]>> {
  const seconds = Math.min(...run.scenarios.map(scenario => scenario.seconds))
  await sleep(seconds * 1000 - STEADY_MS)
  const seen: Record<'theirs' | 'ours', Steady[]> = { theirs: [], ours: [] }
  for (const end = performance.now() + STEADY_MS - 500; performance.now() < end; await sleep(1000)) {
    const totals = await totalsAt(lab, [theirs.port, ours.port])
    seen.theirs.push(await look(theirs, totals[0]!))
    seen.ours.push(await look(ours, totals[1]!))
  }
  return seen
}

const look = async ({ files }: Side, totals: Totals): Promise<Steady> => ({
  screen4: await screenAt(files.screen4),
  screen6: await screenAt(files.screen6),
  totals,
})

/** FastNetMon empties the file before it writes it anew. */
async function screenAt(file: string): Promise<Screen> {
  for (let tries = 0; tries < 20; tries++) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (text !== '') return readScreen(text)
    await sleep(10)
  }
  assert.fail(`nothing was written to ${file}`)
}

/** Waits for the last call of each: the unbans where they are waited for, else what follows a ban at once. */
async function allTold(run: Run, theirs: Side, ours: Side): Promise<void> {
  const bans = run.scenarios.filter(({ banned }) => banned !== undefined).length
  const last = run.unbanSeconds > 0 ? 'unban' : 'ban'
  const isEnough = ({ script }: Side) => script.calls().filter(({ action }) => action === last).length >= bans
  const deadline = performance.now() + (run.unbanSeconds > 0 ? run.unbanSeconds : BAN_SECONDS) * 1000
  while (!(isEnough(theirs) && isEnough(ours)) && performance.now() < deadline) await sleep(250)
  await sleep(SCRIPT_MS)
}
