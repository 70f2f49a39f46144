import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from './attack.ts'
import { type AcceptedLimit, type Limited, withLearned, writtenLimit } from './baseline-accepted.ts'
import { detectionSchema, hostgroupsSchema } from './config.ts'

const NETWORKS = ['192.0.2.0/24', '2001:db8::/32']

const configOf = (hostgroups: unknown = {}, detection: unknown = {}): Limited => ({
  detection: detectionSchema.parse(detection),
  hostgroups: hostgroupsSchema.parse(hostgroups),
})

const ACCEPTED: AcceptedLimit = {
  ...{ scope: 'global', subject: 'host', direction: 'incoming', limit: 'packets' },
  ...{ value: 5000, instead: 20_000 },
}
const CACHES = { caches: { networks: ['192.0.2.128/25'] } }

const standingOf = (config: Limited, accepted: AcceptedLimit) =>
  [...withLearned(config, NETWORKS, [accepted]).standings.values()][0]

test('every limit of every kind of scope comes where it is read again', () => {
  const places = ['global', 'caches', ...NETWORKS].flatMap(scope =>
    (['host', 'total'] as const)
      .filter(subject => scope !== 'global' || subject === 'host')
      .flatMap(subject =>
        (['incoming', 'outgoing'] as const).flatMap(direction =>
          LIMITS.map(limit => ({ scope, subject, direction, limit })),
        ),
      ),
  )
  const config = configOf(CACHES)
  const accepted = places.map((place, number) => ({
    ...{ ...place, value: (number + 1) * 1000, instead: writtenLimit(config, place) },
  }))

  const { config: changed, standings } = withLearned(config, NETWORKS, accepted)

  assert.equal(places.length, 7 * 2 * LIMITS.length)
  assert.deepEqual(new Set(standings.values()), new Set(['applied']))
  for (const { value, ...place } of accepted) assert.equal(writtenLimit(changed, place), value)
  assert.deepEqual(changed.hostgroups['network-192.0.2.0-24']?.networks, ['192.0.2.0/24'])
  assert.deepEqual(config, configOf(CACHES))
  // What stands in the changed configuration can be written into a file.
  hostgroupsSchema.parse(changed.hostgroups)
  detectionSchema.parse(changed.detection)
})

test('limits beside an accepted one stay as they are', () => {
  const { config } = withLearned(configOf(), NETWORKS, [ACCEPTED])

  assert.deepEqual(config.detection.thresholds, {
    incoming: { packetsPerSecond: 5000, megabitsPerSecond: 1000 },
    outgoing: { packetsPerSecond: 20_000, megabitsPerSecond: 1000 },
  })
})

test('what the file says later in the same place holds, also when it says off or nothing', () => {
  const incoming = (limits: object) => configOf({}, { thresholds: { incoming: limits } })
  const inGroup: AcceptedLimit = { ...ACCEPTED, scope: 'caches', instead: null }
  const off = { caches: { ...CACHES.caches, thresholds: { incoming: { packetsPerSecond: 'off' } } } }

  assert.equal(standingOf(incoming({ packetsPerSecond: 20_000 }), ACCEPTED), 'applied')
  assert.equal(standingOf(incoming({ packetsPerSecond: 30_000 }), ACCEPTED), 'superseded')
  assert.equal(standingOf(incoming({}), ACCEPTED), 'superseded')
  assert.equal(standingOf(configOf(CACHES), inGroup), 'applied')
  assert.equal(standingOf(configOf(off), inGroup), 'superseded')
})

test('a limit whose hostgroup or network is gone has no home', () => {
  const config = configOf()

  assert.equal(standingOf(config, { ...ACCEPTED, scope: 'caches', instead: null }), 'homeless')
  assert.equal(standingOf(config, { ...ACCEPTED, scope: '198.51.100.0/24', instead: null }), 'homeless')
  assert.equal(standingOf(config, { ...ACCEPTED, scope: 'constructor', instead: null }), 'homeless')
  assert.deepEqual(withLearned(config, [], [{ ...ACCEPTED, scope: 'gone', instead: null }]).config, config)
})

test('a network that a hostgroup holds by now leaves its hosts to that group', () => {
  const learned: AcceptedLimit = { ...ACCEPTED, scope: '192.0.2.0/24', instead: null }
  const same = configOf({ all: { networks: ['192.0.2.0/24'] } })
  const wider = configOf({ all: { networks: ['192.0.0.0/16'] } })

  assert.equal(standingOf(same, learned), 'superseded')
  assert.equal(standingOf(wider, learned), 'superseded')
  assert.equal(standingOf(configOf(CACHES), learned), 'applied')
  assert.equal(
    standingOf(configOf({ 'network-192.0.2.0-24': { networks: ['192.0.2.0/24'] } }), learned),
    'applied',
  )
})
