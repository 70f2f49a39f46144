import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type HostgroupConfig, hostgroupSchema, thresholdsSchema } from './config.ts'
import { effectiveThresholds, lineage } from './inherited-limits.ts'

const group = (more: object): HostgroupConfig => hostgroupSchema.parse({ networks: ['10.0.0.0/8'], ...more })
const incoming = (limits: object) => ({ thresholds: { incoming: limits } })

const GENERAL = thresholdsSchema.parse({
  incoming: { packetsPerSecond: 1000, megabitsPerSecond: 10, tcp: { packetsPerSecond: 500 } },
  outgoing: { flowsPerSecond: 7 },
})

const effective = (groups: Readonly<Record<string, HostgroupConfig>>, name: string) =>
  effectiveThresholds(groups, GENERAL).get(name)

test('a hostgroup has the general limits where it sets none', () => {
  const one = group(incoming({ packetsPerSecond: 9, tcp: { megabitsPerSecond: 3 } }))

  assert.deepEqual(effective({ one }, 'one'), {
    incoming: {
      packetsPerSecond: 9,
      megabitsPerSecond: 10,
      tcp: { packetsPerSecond: 500, megabitsPerSecond: 3 },
    },
    outgoing: { flowsPerSecond: 7 },
  })
})

test('off takes an inherited limit away', () => {
  const one = group(incoming({ packetsPerSecond: 'off', tcp: { packetsPerSecond: 'off' } }))

  assert.deepEqual(effective({ one }, 'one')?.incoming, { megabitsPerSecond: 10 })
})

test('a hostgroup that does not inherit has its own limits and no other', () => {
  const one = group({ inherit: false, ...incoming({ packetsPerSecond: 9, megabitsPerSecond: 'off' }) })

  assert.deepEqual(effective({ one }, 'one'), { incoming: { packetsPerSecond: 9 }, outgoing: {} })
})

test('limits come from the parent, whichever stands first, and the parent has the general ones', () => {
  const groups = {
    child: group({ parent: 'middle', ...incoming({ megabitsPerSecond: 1 }) }),
    middle: group({ parent: 'top', ...incoming({ packetsPerSecond: 'off' }) }),
    top: group(incoming({ packetsPerSecond: 4 })),
  }

  assert.deepEqual(effective(groups, 'child')?.incoming, {
    megabitsPerSecond: 1,
    tcp: { packetsPerSecond: 500 },
  })
  assert.deepEqual(lineage('child', groups), ['child', 'middle', 'top'])
})

test('parents in a circle or missing end somewhere', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'toString')
  const groups = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.record({ parent: name }))
  fc.assert(
    fc.property(groups, parents => {
      const made = Object.fromEntries(Object.entries(parents).map(([key, more]) => [key, group(more)]))
      assert.equal(effectiveThresholds(made, GENERAL).size, Object.keys(made).length)
    }),
  )
})
