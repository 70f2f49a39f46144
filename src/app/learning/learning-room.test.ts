import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC } from '#3-traffic/metric.ts'
import { HourSamples, MINUTE_WORDS, wordOf } from '#4-detection/baseline-hour.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { EXAMPLE_EXPLANATION } from '#api/contract/examples.ts'
import { type Logger, SILENT } from '#lib/log/logger.ts'
import type { KeptHour } from '#store/change.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { configWith } from '../engine-for-tests.ts'
import { LearningRoom, type Measured } from './learning-room.ts'
import { withSources } from './limit-source.ts'
import { LimitsDesk } from './limits-desk.ts'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 10, 20, 12)
const PLACE = 'global/host/incoming/packets'
const CACHES = { caches: { networks: ['10.0.0.128/25'] } }

/** A week in which the busiest host has so many packets in each second, and in as many of these: bytes, flows. */
function weekOf(scope: string, packets: number, metrics: 1 | 3 = 1): KeptHour[] {
  const values = new Float64Array(MINUTE_WORDS)
  for (const metric of (['packets', 'bytes', 'flows'] as const).slice(0, metrics))
    values[wordOf('host', 0, METRIC[metric])] = packets
  const samples = new HourSamples()
  for (let minute = 0; minute < 60; minute++) samples.add(values, 0)
  const body = samples.encode()
  return Array.from({ length: 168 }, (_, ago) => ({ scope, hour: NOW / HOUR_MS - ago, body }))
}

const NOTHING_MEASURED: Measured = { minutes: [], minutesLost: 0, busyRefused: 0 }

/** A room over a disk in memory, with what it applied in order. */
function stage(
  learned = new Map<string, unknown>(),
  changes: Partial<{ measured: () => Promise<Measured>; log: Logger }> = {},
) {
  const applied: (number | undefined)[] = []
  const audit: AuditEntry[] = []
  let config: ResolvedConfig = configWith({ hostgroups: CACHES })
  const room: LearningRoom = new LearningRoom({
    state: {
      keepHour() {},
      dropHour() {},
      learn: (key, value) => learned.set(key, JSON.parse(JSON.stringify(value))),
    },
    config: () => config,
    measured: changes.measured ?? (async () => NOTHING_MEASURED),
    apply: async () => applied.push(room.effective().detection.thresholds.incoming.packetsPerSecond),
    log: changes.log ?? SILENT,
    now: () => NOW,
  })
  const store = { record: (entry: AuditEntry) => void audit.push(entry) }
  const desk = new LimitsDesk({ room, store, config: () => config, now: () => NOW })
  const write = (settings: Parameters<typeof configWith>[0]) => {
    config = configWith(settings)
  }
  return { room, desk, learned, applied, audit, write }
}

const HOURS = [...weekOf('global', 2480), ...weekOf('caches', 9900)]

test('what is accepted is applied at once and kept; an earlier decision comes back with the next run', async () => {
  const { room, desk, learned, applied, audit } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })

  const done = await desk.decide({ decision: 'accept', places: [PLACE] }, 'uid:0')

  assert.equal(done.kind, 'done')
  assert.deepEqual(applied, [5000])
  assert.deepEqual(
    audit.map(({ who, target, outcome, reason }) => [who, target, outcome, reason]),
    [
      [
        'uid:0',
        PLACE,
        'done',
        'learned limit accepted at 5000 per second; now learned, accepted by uid:0 on 2026-11-20',
      ],
    ],
  )
  const next = stage(learned)
  next.room.adopt({ learned, hours: [] })
  assert.deepEqual(next.applied, [5000])
  const { limits } = await next.desk.list({ limit: 10 })
  assert.deepEqual(
    limits.map(({ place, state, now, standing }) => [place, state, now, standing]),
    [[PLACE, 'accepted', 5000, 'applied']],
  )
})

test('a part of a place means all below it, and no name that only begins alike', async () => {
  const { room, desk } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })

  const refused = await desk.decide(
    { decision: 'accept', places: ['cache', 'glob', 'caches/host/out'] },
    'uid:0',
  )
  const { decided: done } = await room.decide('accept', ['caches'], 'uid:0')

  assert.equal(refused.kind, 'refused')
  assert.deepEqual(done, ['caches/host/incoming/packets'])
})

test('what was rejected by name is accepted by that name only, not with its scope, and after a restart too', async () => {
  const { room, desk, learned } = stage()
  const places = ['bits', 'flows', 'packets'].map(limit => `caches/host/incoming/${limit}`)
  const [bits, flows, packets] = places as [string, string, string]
  room.adopt({ learned: new Map(), hours: weekOf('caches', 9900, 3) })
  await room.decide('reject', [flows], 'uid:0')
  const next = stage(learned)
  next.room.adopt({ learned, hours: weekOf('caches', 9900, 3) })

  const done = await desk.decide({ decision: 'accept', places: ['caches'] }, 'uid:0')
  const later = await next.room.decide('accept', ['caches/host'], 'uid:0')
  const byName = await next.room.decide('accept', ['caches', flows], 'uid:0')

  assert.ok(done.kind === 'done')
  assert.deepEqual(
    done.value.limits.map(({ place, state }) => [place, state]),
    [
      [packets, 'accepted'],
      [bits, 'accepted'],
    ],
  )
  assert.deepEqual(done.value.stillRejected, [flows])
  assert.deepEqual(later, { decided: [packets, bits], stillRejected: [flows] })
  assert.equal(room.decisions.get(flows)?.state, 'rejected')
  assert.deepEqual(byName, { decided: [packets, bits, flows], stillRejected: [] })
})

test('a scope that was rejected as a whole is accepted as a whole; nothing left says what was rejected', async () => {
  const { room, desk, audit } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })
  await room.decide('reject', ['caches'], 'uid:0')
  await room.decide('reject', [PLACE], 'uid:0')

  const whole = await room.decide('accept', ['caches'], 'uid:0')
  const nothing = await desk.decide({ decision: 'accept', places: ['global'] }, 'uid:0')

  assert.deepEqual(whole, { decided: ['caches/host/incoming/packets'], stillRejected: [] })
  assert.ok(nothing.kind === 'refused')
  assert.equal(nothing.detail, `${PLACE} was rejected by name; name it to accept it`)
  assert.equal(audit[0]?.outcome, 'refused')
})

test('a decision about nothing is refused, in the audit, and changes nothing', async () => {
  const { desk, applied, audit, learned } = stage()

  const told = await desk.decide({ decision: 'accept', places: ['nobody'] }, 'uid:7')

  assert.deepEqual(told, { kind: 'refused', code: 'unknown-limit', detail: 'no learned limit is at nobody' })
  assert.deepEqual([applied, learned.size, audit[0]?.outcome], [[], 0, 'refused'])
})

test('rejecting withdraws what was accepted, also when traffic suggests nothing any more', async () => {
  const { room, learned } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })
  await room.decide('accept', [PLACE], 'uid:0')
  const next = stage(learned)
  next.room.adopt({ learned, hours: [] })

  assert.deepEqual((await next.room.decide('reject', ['global'], 'uid:0')).decided, [PLACE])

  assert.deepEqual(next.applied, [5000, 20_000])
  assert.deepEqual(next.room.applied, [])
})

test('a newer word in the file holds, and accepting again makes the learned limit the newer one', async () => {
  const { room, desk, write } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })
  await room.decide('accept', [PLACE], 'uid:0')
  write({ hostgroups: CACHES, detection: { thresholds: { incoming: { packetsPerSecond: 7000 } } } })

  const [superseded] = (await desk.list({ limit: 10, state: 'accepted' })).limits
  await room.decide('accept', [PLACE], 'uid:0')
  const [applied] = (await desk.list({ limit: 10, state: 'accepted' })).limits

  assert.deepEqual([superseded?.standing, superseded?.now], ['superseded', 7000])
  assert.equal(superseded?.source, 'configured for all hosts')
  assert.deepEqual([applied?.standing, applied?.now], ['applied', 5000])
})

test('a group inherits an accepted limit of all hosts, and says so', async () => {
  const { room } = stage()
  room.adopt({ learned: new Map(), hours: HOURS })
  await room.decide('accept', [PLACE], 'uid:0')
  const sourceOf = (hostgroup: string, direction: 'incoming' | 'outgoing') =>
    room.sources()({ hostgroup, direction, subject: 'host', limit: 'packets' })

  assert.equal(
    sourceOf('caches', 'incoming'),
    'learned, accepted by uid:0 on 2026-11-20, inherited from all hosts',
  )
  assert.equal(sourceOf('caches', 'outgoing'), 'inherited from all hosts')
  assert.equal(sourceOf('global', 'outgoing'), 'configured for all hosts')
})

test('each limit of a host says where it comes from: learned, inherited, or written for its own group', async () => {
  const { room, write } = stage()
  write({
    hostgroups: { caches: { ...CACHES.caches, thresholds: { outgoing: { packetsPerSecond: 900 } } } },
  })
  room.adopt({ learned: new Map(), hours: HOURS })
  await room.decide('accept', [PLACE], 'uid:0')
  const { now } = EXAMPLE_EXPLANATION
  const limit = (name: string, direction: 'incoming' | 'outgoing') => ({
    ...{ limit: name, direction, threshold: 1, excessSeconds: 0, overSeconds: 0 },
  })
  const limits = [limit('packets', 'incoming'), limit('packets', 'outgoing'), limit('bits', 'outgoing')]

  const { limits: found, ...rest } = withSources({ ...now!, hostgroup: 'caches', limits }, room.sources())

  assert.deepEqual(
    found.map(({ source }) => source),
    [
      'learned, accepted by uid:0 on 2026-11-20, inherited from all hosts',
      'configured for the hostgroup caches',
      'inherited from all hosts',
    ],
  )
  const { limits: _, ...others } = { ...now!, hostgroup: 'caches' }
  assert.deepEqual(rest, others)
})

test('what was learned for a network is known by the hostgroup that carries it', async () => {
  const { room, write } = stage()
  const carrier = 'network-10.0.0.0-24'
  write({ hostgroups: {} })
  room.adopt({ learned: new Map(), hours: [...weekOf('10.0.0.0/24', 2480)] })
  await room.decide('accept', ['10.0.0.0/24/host'], 'uid:0')
  const sourceOf = (direction: 'incoming' | 'outgoing') =>
    room.sources()({ hostgroup: carrier, direction, subject: 'host', limit: 'packets' })

  assert.equal(sourceOf('incoming'), 'learned, accepted by uid:0 on 2026-11-20')
  assert.equal(sourceOf('outgoing'), 'inherited from all hosts')
  write({ hostgroups: { [carrier]: { networks: ['10.0.0.0/24'], inherit: false } } })
  assert.equal(sourceOf('incoming'), 'learned, accepted by uid:0 on 2026-11-20')
  assert.equal(sourceOf('outgoing'), 'not set')
})

test('decisions that cannot be read are told, and cost no other', () => {
  const told: unknown[] = []
  const log = { ...SILENT, error: (message: string, facts?: object) => void told.push([message, facts]) }
  const good = {
    ...{ scope: 'global', subject: 'host', direction: 'incoming', limit: 'packets', state: 'accepted' },
    ...{ value: 5000, instead: 20_000, by: 'uid:0', at: 1 },
  }
  const { room } = stage(undefined, { log })

  room.adopt({
    learned: new Map([['limit decisions', [good, { ...good, value: -1 }, 'nonsense']]]),
    hours: [],
  })

  assert.equal(room.applied.length, 1)
  assert.deepEqual(told, [['decisions about learned limits cannot be read', { decisions: 2 }]])
})

test('an engine that does not answer keeps nobody from what is known', async () => {
  const { room, desk } = stage(undefined, { measured: () => Promise.reject(new Error('too late')) })
  room.adopt({ learned: new Map(), hours: HOURS })

  assert.equal((await desk.list({ limit: 10 })).total, 2)
})
