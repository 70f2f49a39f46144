import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { formatPath } from '#lib/schema/problem.ts'
import { USUAL_BOUNDS } from './bounds.ts'
import { checkPlaybooks, type PlaybookSurroundings } from './check-playbooks.ts'
import { decide } from './decide.ts'
import { inventorySchema } from './inventory-config.ts'
import { compilePlaybooks } from './playbook.ts'
import { playbooksSchema } from './playbook-config.ts'
import { CONTEXT, LIMIT_DISCARD_DROP, prefixes, RAILS } from './playbooks-for-tests.ts'

const AROUND: PlaybookSurroundings = {
  carriers: CONTEXT.enforcers!,
  announcements: CONTEXT.announcements!,
  scriptPath: '/bin/notify',
  scriptTakesPrefixes: false,
  bounds: USUAL_BOUNDS,
  maximumSeconds: 3600,
  inventory: inventorySchema.parse({ customers: [{ id: 'acme', prefixes: ['192.0.2.0/24'] }] }),
  hostgroups: ['web'],
  networks: prefixes('192.0.2.0/24'),
  untouchable: new PrefixSet(),
}
const said = (written: unknown, around: Partial<PlaybookSurroundings> = {}) =>
  checkPlaybooks(playbooksSchema.parse(written), { ...AROUND, ...around }).map(
    ({ severity, path, message, hint }) => `${severity} ${formatPath(path)}: ${message} | ${hint}`,
  )
const one = (action: object, around: Partial<PlaybookSurroundings> = {}, match: object = {}) =>
  said([{ name: 'p', match, steps: [{ name: 's', actions: [action] }] }], around)

test('a ladder that can be climbed needs no words', () => {
  assert.deepEqual(said([LIMIT_DISCARD_DROP]), [])
})

test('names that come twice, steps nobody reaches and a first step that waits are refused', () => {
  const step = { name: 's', actions: [{ kind: 'script' }] }
  const waiting = { ...step, escalateAfter: { seconds: 5 } }

  assert.deepEqual(
    said([
      { name: 'p', match: { vectors: ['udp_flood'] }, steps: [waiting, { ...step, name: 't' }] },
      { name: 'p', steps: [step, waiting] },
      { name: 'q', steps: [step] },
    ]),
    [
      'error [1].name: there is a playbook "p" already | give it a name of its own',
      'warning [2]: never asked: the playbook "p" before it answers every attack | move it before "p"',
      'error [0].steps[0].escalateAfter: the first step is taken at once, so it waits for nothing | remove escalateAfter',
      'error [0].steps[1]: nothing leads to this step: it is never taken | add escalateAfter, such as { seconds: 120 }',
      'error [1].steps[1].name: there is a step "s" already | give it a name of its own',
    ],
  )
})

test('a step that lasts longer or shorter than the guardrails allow is refused with the numbers', () => {
  const lasting = (ttlSeconds: number) =>
    said([{ name: 'p', steps: [{ name: 's', actions: [{ kind: 'script' }], ttlSeconds }] }])

  assert.deepEqual(lasting(9), [
    'error [0].steps[0].ttlSeconds: the guardrails would refuse it: 9 s, and 10 to 3600 s are allowed (policy.bounds.ttlSeconds) | write a number from 10 to 3600, or change policy.bounds.ttlSeconds',
  ])
  assert.match(lasting(3601)[0] ?? '', /3601 s, and 10 to 3600 s are allowed \(mitigation\.maximumSeconds\)/)
  assert.deepEqual([lasting(10), lasting(3600)], [[], []])
})

test('what no enforcer can carry is refused before it is needed', () => {
  const limit = { kind: 'rate-limit', bitsPerSecond: 1e6 }

  assert.match(one({ kind: 'countermeasure' })[0] ?? '', /actions\[0\]\.kind: there is no protection profile/)
  assert.match(
    one(limit, { carriers: [] })[0] ?? '',
    /kind: no enforcer that could announce it is configured/,
  )
  assert.match(one({ kind: 'discard', enforcer: 'exabgp' })[0] ?? '', /enforcer: exabgp is not configured/)
  assert.match(
    one({ kind: 'blackhole' }, { announcements: [] })[0] ?? '',
    /no announcement of the host has a next hop \| set enforcement\.gobgp\.hostIpv4\.nextHop/,
  )
  assert.match(one({ kind: 'divert' })[0] ?? '', /there is no way to the scrubber/)
  assert.match(
    one({ kind: 'script' }, { scriptPath: undefined })[0] ?? '',
    /set enforcement\.notifyScript\.path/,
  )
  assert.match(one({ kind: 'script' }, {}, { scopes: ['prefix'] })[0] ?? '', /not called for prefixes/)
})

test('what the guardrails would refuse whatever the attack is refused before it is needed', () => {
  const divert = { kind: 'divert', nextHopIpv4: '192.0.2.67' }
  const wide = { networks: prefixes('192.0.2.0/23') }

  assert.deepEqual(one(divert), [])
  assert.match(
    one(divert, wide)[0] ?? '',
    /^error .*scope: the guardrails would refuse it: 192\.0\.2\.0\/23 is a \/23 and \/24 is the widest for a diversion/,
  )
  assert.match(one(divert, { networks: prefixes('192.0.2.0/23', '198.51.100.0/24') })[0] ?? '', /^warning /)
  assert.match(
    one(divert, { untouchable: new PrefixSet(prefixes('192.0.2.53')) })[0] ?? '',
    /192\.0\.2\.0\/24 touches 192\.0\.2\.53\/32, which is never touched/,
  )
  assert.match(
    one({ kind: 'discard' }, {}, { scopes: ['prefix'] })[0] ?? '',
    /it answers prefixes, and a rule may name \/32 and \/128 only/,
  )
})

test('keys of another kind, a rate without a number and rules that replace each other are refused', () => {
  const actions = [
    { kind: 'rate-limit' },
    { kind: 'discard', bitsPerSecond: 5 },
    { kind: 'rate-limit', bitsPerSecond: 5, packetsPerSecond: 5, enforcer: 'gobgp' },
    { kind: 'observe' },
  ]

  assert.deepEqual(said([{ name: 'p', steps: [{ name: 's', actions }] }]), [
    'error [0].steps[0].actions[1].kind: discard and rate-limit of one step would take the place of each other | keep one of them',
    'error [0].steps[0].actions[3]: observe does nothing beside other actions | remove it',
    'error [0].steps[0].actions[0]: a rate-limit without a rate | add bitsPerSecond or packetsPerSecond',
    'error [0].steps[0].actions[1].bitsPerSecond: bitsPerSecond says nothing for discard | remove it; it belongs to rate-limit',
    'error [0].steps[0].actions[2].packetsPerSecond: a rate counts bits or packets | keep one of the two',
  ])
})

test('what a match names must be there, and the nearest name is told', () => {
  const match = {
    customers: ['akme'],
    hostgroups: ['global', 'web', 'dns'],
    sources: ['radar'],
    origins: ['manual'],
  }

  assert.deepEqual(said([{ name: 'p', match, steps: [{ name: 's', actions: [{ kind: 'script' }] }] }]), [
    'error [0].match.customers[0]: the inventory has no customer "akme" | did you mean acme?',
    'error [0].match.hostgroups[2]: the configuration has no hostgroup "dns" | add it to the configuration, or leave it out',
    'error [0].match.origins: sources report events, and no event is among the origins | add event, or leave sources out',
  ])
})

test('of a playbook that passes, the rails refuse no step on a host that is nobody special', () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('rate-limit'), bitsPerSecond: fc.integer({ min: 1, max: 1e9 }) }),
    fc.record({ kind: fc.constantFrom('discard', 'script', 'blackhole', 'countermeasure', 'observe') }),
    fc.record({
      kind: fc.constant('divert'),
      nextHopIpv4: fc.constant('192.0.2.67'),
      scope: fc.constantFrom('host', 'network'),
    }),
  )
  const step = fc.record({
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    ttlSeconds: fc.constantFrom(5, 60, 7200),
  })

  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), steps => {
      const named = steps.map((one, at) => ({ ...one, name: `s${at}`, ...(at > 0 && { escalateAfter: {} }) }))
      const playbooks = playbooksSchema.parse([{ name: 'p', steps: named }])
      if (checkPlaybooks(playbooks, AROUND).length > 0) return
      const compiled = compilePlaybooks(playbooks)
      const rails = { ...RAILS, managementPrefixes: new PrefixSet() }
      for (const at of named.keys()) {
        const ladder = { playbook: 'p', step: at, sinceMs: 1_000_000, calmSinceMs: undefined }
        const decision = decide(exampleAttack(), { ...CONTEXT, rails, playbooks: compiled, ladder })
        assert.notEqual(decision.kind, 'refused')
        assert.equal('withheld' in decision || 'unmade' in decision, false)
      }
    }),
    { numRuns: 300 },
  )
})

test('what the routers or ExaBGP have no words for is refused before it is needed', () => {
  const packets = { kind: 'rate-limit', packetsPerSecond: 500 }
  const exabgp = [{ name: 'exabgp', actions: ['filter'] as const }]

  assert.deepEqual(one(packets), [])
  assert.deepEqual(one(packets, { flowspecRouter: 'junos' }), [
    'error [0].steps[0].actions[0].packetsPerSecond: Juniper Junos has no action rate-packets | write bitsPerSecond, or leave out policy.flowspecRouter when other routers enforce it',
  ])
  assert.deepEqual(one(packets, { carriers: exabgp }), [
    'error [0].steps[0].actions[0].packetsPerSecond: ExaBGP has no words for a rate in packets | write bitsPerSecond',
  ])
  assert.deepEqual(one({ kind: 'discard' }, { flowspecRouter: 'slx', networks: prefixes('2001:db8::/32') }), [
    'warning [0].steps[0].actions[0].kind: Extreme SLX-OS has no rules of IPv6: floods of it are not filtered | undefined',
  ])
})
