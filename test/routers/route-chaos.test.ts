// What goes wrong while routes are announced, judged by what the kernel of a real router holds afterwards: the speaker,
// Floodwarden or its database is killed, the network to the router is cut, the wall clock is set. One lab for all: each part ends with a
// router that drops nothing, so nothing is left to the next one.

import assert from 'node:assert/strict'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BAN_SECONDS,
  detectorPlan,
  FLOOD_RATE,
  ORPHANS_AFTER_SECONDS,
} from '../../lab/routers/armed-detector.ts'
import { RouteWatch } from '../../lab/routers/route-watch.ts'
import { RoutedLab } from '../../lab/routers/routed-lab.ts'
import { kill } from '../../lab/routers/router-lab.ts'
import { NEIGHBOUR, VICTIM } from '../../lab/routers/topology.ts'
import { type DaemonPlan, RunningDaemon } from '../../lab/running-daemon.ts'
import { until } from '../../lab/until.ts'
import { mayGoOn } from '../may-go-on.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { postgresFor } from '../postgres-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** Longer than a ban lasts by itself and than it takes to notice that a flood has ended. */
const OUTLASTS_BAN_MS = (BAN_SECONDS + 2) * 1000
/** A ban that runs out while Floodwarden is away is taken back first when it is back, flood or not. */
const LONGER_THAN_RECOVERY_SECONDS = 30
const ENDS_SECONDS = 3 * LONGER_THAN_RECOVERY_SECONDS
const LONGER_THAN_TWO_STARTS_SECONDS = 35
const OUTLASTS_ORPHANS_MS = (ORPHANS_AFTER_SECONDS + 1.5) * 1000
/** A database that is back is tried every two seconds, and then all that waited goes there. */
const ALL_KEPT_SECONDS = 60
/** Routes are compared once a second. */
const COMPARED_MS = 1500
const LONGEST_FLOOD_SECONDS = 300

const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
const FAKETIME = `/usr/lib/${TRIPLET}/faketime/libfaketimeMT.so.1`
const HOUR_SECONDS = 3600
/** The file of the clock is read once a second. */
const CLOCK_IS_READ_MS = 2000

test('after speaker, Floodwarden, network or clock fail, the router drops exactly what it should', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird', 'nft', 'faketime']))) return
  const folder = temporaryFolder(t, 0o755)
  await using routed = await RoutedLab.create(folder, 'gobgp', 'bird')
  const plan = detectorPlan(routed, { folder, speaker: 'gobgp' })
  await routed.established()
  const part = (name: string, go: (routed: RoutedLab, plan: DaemonPlan, t: TestContext) => Promise<void>) =>
    t.test(name, async inner => {
      assert.deepEqual(await routed.blackholes(), [], 'the part before has left nothing')
      await go(routed, plan, inner)
    })

  await part('the speaker is killed', speakerKilled)
  await part('Floodwarden is killed', daemonKilled)
  await part('Floodwarden is killed before it has written down what it announced', daemonKilledAtOnce)
  await part('the database is killed', databaseKilled)
  await part('the network to the router is cut', networkCut)
  await part('the wall clock is set', clockSet)
})

/** One flood lasts while the speaker is away, another ends. */
async function speakerKilled(routed: RoutedLab, plan: DaemonPlan): Promise<void> {
  await using _daemon = await RunningDaemon.start(plan)
  const lasting = startAttack(routed, VICTIM, 4)
  const ending = startAttack(routed, VICTIM, 6)
  await routed.untilBlackholes([VICTIM.ipv4, VICTIM.ipv6])

  await kill(routed.speaker)
  await routed.untilBlackholes([])
  await ending.end()
  await sleep(OUTLASTS_BAN_MS)
  routed.startSpeaker()
  await routed.untilBlackholes([VICTIM.ipv4])
  await sleep(COMPARED_MS)
  assert.deepEqual(await routed.blackholes(), [VICTIM.ipv4])

  await lasting.end()
  await routed.untilBlackholes([])
}

/**
 * Killed the moment after it announced and started again at once, nothing changes; while it is away for longer one flood
 * lasts, another ends.
 */
async function daemonKilled(routed: RoutedLab, _: DaemonPlan, t: TestContext): Promise<void> {
  const folder = temporaryFolder(t, 0o755)
  const plan = detectorPlan(routed, { folder, speaker: 'gobgp', banSeconds: LONGER_THAN_TWO_STARTS_SECONDS })
  const first = await RunningDaemon.start(plan)
  const lasting = startAttack(routed, VICTIM, 4)
  const ending = startAttack(routed, VICTIM, 6)
  await routed.untilBlackholes([VICTIM.ipv4, VICTIM.ipv6])

  using watch = new RouteWatch(routed.lab, 'router')
  await first.stop('SIGKILL')
  const second = await RunningDaemon.start(plan)
  await sleep(OUTLASTS_ORPHANS_MS)
  assert.deepEqual([...watch.changes], [], 'both floods were dropped all the time')

  await second.stop('SIGKILL')
  await ending.end()
  await sleep(OUTLASTS_BAN_MS)
  const abandoned = await routed.blackholes()
  assert.deepEqual(abandoned, [VICTIM.ipv6, VICTIM.ipv4], 'nobody is there to take one away')
  await using _third = await RunningDaemon.start(plan)
  await routed.untilBlackholes([VICTIM.ipv4], ENDS_SECONDS)
  await sleep(COMPARED_MS)
  assert.deepEqual(await routed.blackholes(), [VICTIM.ipv4])

  await lasting.end()
  await routed.untilBlackholes([], ENDS_SECONDS)
  const began = watch.changes[0]?.atMilliseconds ?? 0
  for (const { kind, prefix, atMilliseconds } of watch.changes)
    t.diagnostic(`${Math.round(atMilliseconds - began)} ms: ${kind} ${prefix}`)
  const last = watch.changes.at(-1)
  assert.deepEqual([last?.kind, last?.prefix], ['deleted', VICTIM.ipv4], 'the watch sees what happens')
}

/** Without its database one flood lasts, one ends and one begins; when it is back, Floodwarden is killed and goes on. */
async function databaseKilled(routed: RoutedLab, _: DaemonPlan, t: TestContext): Promise<void> {
  const server = await postgresFor(t)
  if (server === undefined) return
  const folder = temporaryFolder(t, 0o755)
  const urlFile = join(folder, 'url')
  writeFileSync(urlFile, await server.database(), { mode: 0o600 })
  const store = { postgres: { urlFile } }
  const banSeconds = LONGER_THAN_RECOVERY_SECONDS
  const plan = detectorPlan(routed, { folder, speaker: 'gobgp', store, banSeconds })
  const first = await RunningDaemon.start(plan)
  const lasting = startAttack(routed, VICTIM, 4)
  const ending = startAttack(routed, VICTIM, 6)
  await routed.untilBlackholes([VICTIM.ipv4, VICTIM.ipv6])

  await server.kill()
  await ending.end()
  await routed.untilBlackholes([VICTIM.ipv4], ENDS_SECONDS)
  const beginning = startAttack(routed, NEIGHBOUR, 4)
  await routed.untilBlackholes([VICTIM.ipv4, NEIGHBOUR.ipv4])

  await server.start()
  await until(async () => (await first.keepsState()) || 'the state is not kept again', ALL_KEPT_SECONDS)
  await first.stop('SIGKILL')
  await using _second = await RunningDaemon.start(plan)
  await sleep(COMPARED_MS)
  const held = (await routed.blackholes()).toSorted()
  assert.deepEqual(held, [VICTIM.ipv4, NEIGHBOUR.ipv4].toSorted())

  await lasting.end()
  await beginning.end()
  await routed.untilBlackholes([], ENDS_SECONDS)
}

/** What nobody remembers is known as ours by its mark. */
async function daemonKilledAtOnce(routed: RoutedLab, plan: DaemonPlan): Promise<void> {
  const daemon = await RunningDaemon.start(plan)
  const flood = startAttack(routed, VICTIM, 4)
  await routed.untilBlackholes([VICTIM.ipv4])

  await daemon.stop('SIGKILL')
  await flood.end()
  assert.deepEqual(await routed.blackholes(), [VICTIM.ipv4])
  await using _next = await RunningDaemon.start(plan)
  await routed.untilBlackholes([])
}

/** While the network is cut one flood lasts, one ends and one begins. */
async function networkCut(routed: RoutedLab, plan: DaemonPlan): Promise<void> {
  await using _daemon = await RunningDaemon.start(plan)
  const lasting = startAttack(routed, NEIGHBOUR, 4)
  const ending = startAttack(routed, VICTIM, 4)
  await routed.untilBlackholes([VICTIM.ipv4, NEIGHBOUR.ipv4])

  await routed.control('down')
  await routed.untilBlackholes([])
  const beginning = startAttack(routed, VICTIM, 6)
  await ending.end()
  await sleep(OUTLASTS_BAN_MS)
  assert.deepEqual(await routed.blackholes(), [])
  await routed.control('up')
  await routed.untilBlackholes([NEIGHBOUR.ipv4, VICTIM.ipv6])
  await sleep(COMPARED_MS)
  assert.deepEqual(await routed.blackholes(), [VICTIM.ipv6, NEIGHBOUR.ipv4])

  await Promise.all([lasting.end(), beginning.end()])
  await routed.untilBlackholes([])
}

/** A clock that leaps on must end no ban whose flood lasts; one that is put back must keep none whose flood is over. */
async function clockSet(routed: RoutedLab, plan: DaemonPlan, t: TestContext): Promise<void> {
  if (!mayGoOn(t, existsSync(FAKETIME) ? [] : [FAKETIME])) return
  const clock = join(temporaryFolder(t, 0o755), 'clock')
  setClock(clock, 0)
  await using daemon = await RunningDaemon.start({
    ...plan,
    environment: {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_CACHE_DURATION: '1',
      // Like a clock that is set: what counts time steadily goes on.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  })
  const first = startAttack(routed, VICTIM, 4)
  await routed.untilBlackholes([VICTIM.ipv4])
  assertClock(daemon, 0)

  setClock(clock, HOUR_SECONDS)
  await sleep(CLOCK_IS_READ_MS)
  const second = startAttack(routed, VICTIM, 6)
  await routed.untilBlackholes([VICTIM.ipv4, VICTIM.ipv6])
  assertClock(daemon, HOUR_SECONDS)

  setClock(clock, -HOUR_SECONDS)
  await sleep(CLOCK_IS_READ_MS)
  assert.deepEqual(await routed.blackholes(), [VICTIM.ipv6, VICTIM.ipv4])
  await Promise.all([first.end(), second.end()])
  await routed.untilBlackholes([])
  assertClock(daemon, -HOUR_SECONDS)
}

function setClock(file: string, seconds: number): void {
  writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  renameSync(`${file}.new`, file)
}

/** By the newest line of the log: what is not set would leave nothing to test. */
function assertClock(daemon: RunningDaemon, seconds: number): void {
  const off = (Date.parse(daemon.log.at(-1)?.time ?? '') - Date.now()) / 1000
  assert.ok(Math.abs(off - seconds) < 60, `the clock of the daemon is ${off} s off, not ${seconds}`)
}

/** A flood that lasts until it is ended. */
function startAttack(
  routed: RoutedLab,
  host: { readonly ipv4: string; readonly ipv6: string },
  family: 4 | 6,
): { end(): Promise<void> } {
  const flood = routed.flood(host, family, FLOOD_RATE, LONGEST_FLOOD_SECONDS)
  return { end: () => kill(flood.process) }
}
