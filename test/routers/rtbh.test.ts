// Remote triggered blackholing from end to end: a flood is found on the mirror port, announced by a real speaker, and the
// kernel of a real router drops it; the host beside it keeps its traffic, and the route goes when the flood ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CALM_RATE, detectorPlan, FLOOD_RATE } from '../../lab/routers/armed-detector.ts'
import { RoutedLab, type RouterKind, type SpeakerKind } from '../../lab/routers/routed-lab.ts'
import { kill } from '../../lab/routers/router-lab.ts'
import { NEIGHBOUR, VICTIM } from '../../lab/routers/topology.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const CASES: readonly (readonly [SpeakerKind, RouterKind])[] = [
  ['gobgp', 'bird'],
  ['exabgp', 'frr'],
]
const PROGRAMS = { gobgp: 'gobgpd', exabgp: 'exabgp', bird: 'bird', frr: 'vtysh' } as const

/** Longer than a test takes: what is to end before is ended. */
const ALL_SECONDS = 100
const LOOK_MILLISECONDS = 500

for (const [speaker, router] of CASES) {
  test(`a flood over both families is dropped in the kernel by way of ${speaker} and ${router}`, async t => {
    if (!(await mayRunPrograms(t, [PROGRAMS[speaker], PROGRAMS[router], 'nft']))) return
    const folder = temporaryFolder(t, 0o755)
    await using routed = await RoutedLab.create(folder, speaker, router)
    await routed.established()
    const look = () => routed.came(() => sleep(LOOK_MILLISECONDS))
    const families = [4, 6] as const
    for (const family of families) routed.flood(NEIGHBOUR, family, CALM_RATE, ALL_SECONDS)
    await routed.begins('neighbour4', 'neighbour6')

    // Without Floodwarden the flood arrives, and nothing is dropped.
    const unguarded = families.map(family => routed.flood(VICTIM, family, FLOOD_RATE, ALL_SECONDS))
    await routed.begins('victim4', 'victim6')
    const control = await look()
    await Promise.all(unguarded.map(flood => kill(flood.process)))
    assert.deepEqual(await routed.blackholes(), [])
    assertArrives(control.victim4, FLOOD_RATE)
    assertArrives(control.victim6, FLOOD_RATE)

    await using daemon = await RunningDaemon.start(detectorPlan(routed, { folder, speaker }))
    const floods = families.map(family => routed.flood(VICTIM, family, FLOOD_RATE, ALL_SECONDS))
    await routed.untilBlackholes([VICTIM.ipv4, VICTIM.ipv6])
    const before = await routed.reachedRouter()
    const guarded = await look()
    const reached = (await routed.reachedRouter()) - before
    t.diagnostic(
      `before ${JSON.stringify(control)}, under the blackhole ${JSON.stringify(guarded)} of ${reached}`,
    )

    assertArrives(reached, 2 * FLOOD_RATE)
    assert.deepEqual([guarded.victim4, guarded.victim6], [0, 0])
    assertArrives(guarded.neighbour4, CALM_RATE)
    assertArrives(guarded.neighbour6, CALM_RATE)
    assert.deepEqual(await routed.blackholes(), [VICTIM.ipv6, VICTIM.ipv4])

    await Promise.all(floods.map(flood => kill(flood.process)))
    await routed.untilBlackholes([])
    for (const family of families) routed.flood(VICTIM, family, CALM_RATE, ALL_SECONDS)
    await routed.begins('victim4', 'victim6')
    const after = await look()
    assertArrives(after.victim4, CALM_RATE)
    assertArrives(after.victim6, CALM_RATE)
    assert.equal(daemon.isRunning, true)
  })
}

/** At least half of what such a rate brings while we look: a busy machine sends less than it was asked for. */
function assertArrives(packets: number, rate: number): void {
  const wanted = (rate * LOOK_MILLISECONDS) / 1000 / 2
  assert.ok(packets >= wanted, `${packets} packets arrive, ${wanted} or more were wanted`)
}
