import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { type WhatIfQuery, whatIfInput, whatIfSchema } from '#api/contract/what-if.ts'
import { AttackBook } from '../attack-book.ts'
import { configWith } from '../engine-for-tests.ts'
import { COLUMNS } from '../engine-worker/columns.ts'
import { HistoryRoom } from './history-room.ts'
import { WhatIfDesk } from './what-if-desk.ts'

const BEGAN = Date.UTC(2026, 0, 1)

const CONFIG = configWith({
  detection: {
    ...{ thresholds: { incoming: { packetsPerSecond: 20_000 } }, banSeconds: 60 },
    networkThresholds: { incoming: { packetsPerSecond: 90_000 } },
  },
  hostgroups: { web: { networks: ['10.0.0.128/25'], thresholds: { incoming: { packetsPerSecond: 700 } } } },
  whitelist: ['10.0.0.9'],
})

const HOSTS = ['10.0.0.1', '10.0.0.200', '10.0.0.9']

/** An hour in which each host had `packets` per second, but for a wave of the first in the middle of it. */
function setUp(packets: readonly number[] = [1000, 500, 50_000], wave = 15_000) {
  const clock = { now: BEGAN }
  const room = new HistoryRoom({
    ...{ rates: () => Promise.reject(new Error('no engine')), keep: () => {}, keepTens: () => {} },
  })
  for (let second = 0; second < 3600; second++) {
    clock.now += 1000
    const isWave = second >= 1800 && second < 1810
    const numbers = new Float32Array(HOSTS.length * COLUMNS)
    for (const [place, value] of packets.entries())
      numbers[place * COLUMNS] = place === 0 && isWave ? wave : value
    const whole = new Float32Array(3 * COLUMNS)
    whole[2 * COLUMNS] = 1500
    room.take({
      ...{ at: clock.now, version: 1, names: { networks: ['10.0.0.0/24'], hostgroups: [] }, left: 0 },
      ...{ numbers: whole, hosts: { version: 1, names: HOSTS, numbers, left: 7 } },
      attacks: { ids: [], numbers: new Float32Array(0) },
    })
  }
  const book = new AttackBook()
  const desk = new WhatIfDesk({
    ...{ room, book, now: () => clock.now, active: () => [], config: () => CONFIG },
    sourceOf: () => () => 'configured for all hosts',
  })
  const ask = async (query: Partial<WhatIfQuery> & { readonly threshold: number }) => {
    const done = await desk.ask(whatIfInput.parse(query))
    assert.ok(done.kind === 'done', JSON.stringify(done))
    return whatIfSchema.parse(done.value)
  }
  return { ask, desk, book, clock }
}

test('a lower threshold would have banned whom the wave hit, and it is told what that was', async () => {
  const { ask, book } = setUp()
  const openedAt = BEGAN + 1_802_000
  book.opened(exampleAttack({ id: 'real', host: '10.0.0.1', prefixes: ['10.0.0.1/32'], openedAt }), '', [])

  const low = await ask({ threshold: 5000 })
  const high = await ask({ threshold: 16_000 })

  assert.deepEqual([low.total, low.sure, low.targets, high.total], [1, 1, 1, 0])
  assert.deepEqual(low.bans[0], {
    ...{ target: '10.0.0.1', at: new Date(BEGAN + 1_801_000).toISOString(), seconds: 60 },
    ...{ peak: low.bans[0]!.peak, isSure: true, attackId: 'real' },
  })
  assert.ok(Math.abs(low.bans[0]!.peak - 15_000) < 20)
  assert.deepEqual([low.now, low.source, low.looked], [20_000, 'configured for all hosts', 2])
})

test('what is usual is told without attacks, and a threshold above it', async () => {
  const { ask } = setUp()

  const { observed, suggested } = await ask({ threshold: 1_000_000 })

  assert.equal(observed?.target, '10.0.0.1')
  assert.ok(Math.abs(observed.p95 - 1000) < 2, String(observed.p95))
  assert.equal(suggested, 2000)
})

test('a hostgroup, a network, a host or a total can be asked for by itself', async () => {
  const { ask, desk } = setUp()

  const group = await ask({ scope: 'hostgroup:web', threshold: 400 })
  const network = await ask({ scope: 'network:10.0.0.1/25', threshold: 400 })
  const host = await ask({ scope: 'host:10.0.0.200', threshold: 600 })
  const total = await ask({ scope: 'network:10.0.0.0/24', subject: 'total', threshold: 1000 })
  const refused = await Promise.all(
    [
      { scope: 'all', subject: 'total', threshold: 5 },
      { scope: 'host:10.0.0.9', threshold: 5 },
      { scope: 'network:192.0.2.0/24', subject: 'total', threshold: 5 },
    ].map(query => desk.ask(whatIfInput.parse(query))),
  )

  assert.deepEqual([group.looked, group.now, group.total, group.bans[0]?.target], [1, 700, 1, '10.0.0.200'])
  assert.equal(group.bans[0]?.seconds, undefined)
  assert.deepEqual([network.scope, network.looked], ['network:10.0.0.0/25', 1])
  assert.deepEqual([host.looked, host.total], [1, 0])
  assert.deepEqual([total.total, total.now, total.bans[0]?.target], [1, 90_000, '10.0.0.0/24'])
  for (const { kind } of refused) assert.equal(kind, 'refused')
})

test('it says what it cannot know', async () => {
  const { ask, clock } = setUp(undefined, 6000)

  const unsure = await ask({ threshold: 5900 })
  clock.now += 1_200_000
  const late = await ask({ threshold: 1_000_000 })

  assert.deepEqual([unsure.total, unsure.sure], [0, 0])
  assert.match(unsure.cannotKnow.join(' '), /7 hosts have traffic and no history/)
  assert.match(unsure.cannotKnow.join(' '), /shorter than a second/)
  assert.match(late.cannotKnow.join(' '), /20 minutes of the hour/)
})
