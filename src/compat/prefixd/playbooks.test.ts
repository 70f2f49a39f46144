import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { checkPlaybooks } from '#6-policy/check-playbooks.ts'
import { policySchema } from '#6-policy/config.ts'
import { playbooksSchema } from '#6-policy/playbook-config.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { playbooksView } from './api/config-view.ts'
import { folderWith, mainWith, PLAYBOOKS, said } from './folder-for-tests.ts'
import { readPlaybooks } from './playbooks.ts'
import { PREFIXD_VECTORS } from './playbooks-schema.ts'

/** What is said about a list of playbooks, but that steps are really reached. */
const saidOf = (playbooks: unknown, main?: string): string[] =>
  said(
    folderWith({
      'playbooks.yaml': typeof playbooks === 'string' ? playbooks : stringify({ playbooks }),
      ...(main === undefined ? {} : { 'prefixd.yaml': main }),
    }).problems,
  ).filter(text => text.startsWith('playbooks.yaml') && !text.includes('really reached'))

const STEP = { action: 'police', rate_bps: 1000, ttl_seconds: 60 }
const udp = (steps: unknown, name = 'u') => ({ name, match: { vector: 'udp_flood' }, steps })

test("what prefixd's API refuses refuses the file, in its words and with its line", () => {
  const list = [
    udp([{ ...STEP, require_confidence_at_least: 0.5 }], ''),
    udp([], 'x'.repeat(129)),
    udp([
      { action: 'police', ttl_seconds: 60 },
      { ...STEP, ttl_seconds: 86401, require_confidence_at_least: 1.5 },
    ]),
    udp([{ ...STEP, rate_bps: 0, require_persistence_seconds: 0 }]),
  ]

  const errors = saidOf(list).filter(text => text.includes(' error '))

  assert.deepEqual(
    errors.map(text => text.replace(/x{9,}/, 'x…')),
    [
      'playbooks.yaml:2 error prefixd-playbook playbooks[0].name: playbook[0] (""): name is required',
      'playbooks.yaml:9 error prefixd-playbook playbooks[0].steps[0].require_confidence_at_least: playbook[0] ("") step[0]: first step must not have escalation requirements',
      'playbooks.yaml:10 error prefixd-playbook playbooks[1].name: playbook[1] ("x…"): name exceeds 128 characters',
      'playbooks.yaml:13 error prefixd-playbook playbooks[1].steps: playbook[1] ("x…"): at least one step is required',
      'playbooks.yaml:18 error prefixd-playbook playbooks[2].steps[0].rate_bps: playbook[2] ("u") step[0]: police action requires rate_bps > 0',
      'playbooks.yaml:22 error prefixd-playbook playbooks[2].steps[1].ttl_seconds: playbook[2] ("u") step[1]: ttl_seconds must be 1..=86400, got 86401',
      'playbooks.yaml:23 error prefixd-playbook playbooks[2].steps[1].require_confidence_at_least: playbook[2] ("u") step[1]: require_confidence_at_least must be 0.0..=1.0, got 1.5',
      'playbooks.yaml:24 error prefixd-playbook playbooks[3].name: playbook[3] ("u"): duplicate name',
      'playbooks.yaml:31 error prefixd-playbook playbooks[3].steps[0].require_persistence_seconds: playbook[3] ("u") step[0]: first step must not have escalation requirements',
      'playbooks.yaml:29 error prefixd-playbook playbooks[3].steps[0].rate_bps: playbook[3] ("u") step[0]: police action requires rate_bps > 0',
    ],
  )
})

test('what prefixd takes in silence is told', () => {
  assert.deepEqual(saidOf([]), [
    'playbooks.yaml:1 warning prefixd-playbook playbooks: at least one playbook is required: without one no attack is answered',
  ])
  assert.deepEqual(saidOf([udp([{ action: 'discard', rate_bps: 5, ttl_seconds: 0 }])]), [
    'playbooks.yaml:8 warning prefixd-playbook playbooks[0].steps[0].ttl_seconds: playbook[0] ("u") step[0]: ttl_seconds must be 1..=86400, got 0; 120 is taken (timers.default_ttl_seconds)',
    'playbooks.yaml:7 notice prefixd-not-carried playbooks[0].steps[0].rate_bps: rate_bps has no effect beside discard, as in prefixd',
  ])
  assert.deepEqual(saidOf([udp([STEP]), udp([STEP], 'v')]), [
    'playbooks.yaml:12 warning prefixd-unreachable playbooks[1].match.vector: never reached: "u" answers every udp_flood before it',
  ])
  assert.deepEqual(
    saidOf(`default_playbook: u
playbooks:
  - name: u
    match: {vector: udp_flood, source: radar, protocol: 17, vectors: [x]}
    steps: [{action: police, rate_bps: 1000, ttl_seconds: 60, rate_pps: 1}]
`),
    [
      'playbooks.yaml:4 warning prefixd-unknown-key playbooks[0].match.vectors: unknown key "vectors"; it is ignored',
      'playbooks.yaml:5 warning prefixd-unknown-key playbooks[0].steps[0].rate_pps: unknown key "rate_pps"; it is ignored',
      'playbooks.yaml:1 notice prefixd-not-carried default_playbook: has no effect. prefixd documents and ignores it; here a last playbook without match does it.',
      'playbooks.yaml:4 notice prefixd-not-carried playbooks[0].match.source: has no effect. prefixd documents and ignores it; here playbooks[].match.sources does it.',
      'playbooks.yaml:4 notice prefixd-not-carried playbooks[0].match.protocol: has no effect. prefixd documents and ignores it; the vector has the protocol.',
    ],
  )
})

test('a step whose every rule prefixd would refuse refuses the file', () => {
  const main = mainWith({ 'guardrails.min_ttl_seconds': 100, 'guardrails.max_ttl_seconds': 200 })

  assert.deepEqual(saidOf([udp([STEP])], main), [
    'playbooks.yaml:8 error prefixd-playbook playbooks[0].steps[0].ttl_seconds: TTL 60s out of bounds (min=100, max=200)',
  ])
  assert.deepEqual(saidOf([udp([{ ...STEP, ttl_seconds: 100 }])], main), [])
})

const nativeOf = (text: string, main?: string): { name: string; steps: Record<string, unknown>[] }[] =>
  Reflect.get(
    folderWith({ 'playbooks.yaml': text, ...(main === undefined ? {} : { 'prefixd.yaml': main }) })
      .settings as object,
    'playbooks',
  )

test('later steps are reached when prefixd says that they are: its persistence counts from the beginning', () => {
  const later = (seconds: number, confidence: number) => ({
    ...{ action: 'discard', ttl_seconds: 900 },
    ...{ require_persistence_seconds: seconds, require_confidence_at_least: confidence },
  })
  const text = stringify({ playbooks: [udp([STEP, later(60, 0.9), later(300, 0.5), later(200, 0.8)])] })
  const main = mainWith({
    escalation: { min_persistence_seconds: 90, min_confidence: 0.6, max_escalated_duration_seconds: 600 },
  })

  const steps = nativeOf(text, main)[0]?.steps ?? []

  assert.deepEqual(
    steps.map(({ escalateAfter, ttlSeconds }) => [escalateAfter, ttlSeconds]),
    [
      [undefined, 60],
      [{ seconds: 90, minimumConfidence: 0.9 }, 600],
      [{ seconds: 210, minimumConfidence: 0.6 }, 600],
      [{ seconds: 1, minimumConfidence: 0.8 }, 600],
    ],
  )
})

test('without escalation a playbook has its first step', () => {
  const steps = nativeOf(PLAYBOOKS, mainWith({ 'escalation.enabled': false })).map(
    ({ steps }) => steps.length,
  )

  assert.deepEqual(steps, [1, 1, 1, 1])
})

test('unknown comes last, since that type holds ack floods here; ports are asked for where prefixd asks', () => {
  const of = (vector: string, ports: boolean) => ({
    ...{ name: `${vector} ${ports}`, match: { vector, require_top_ports: ports }, steps: [STEP] },
  })
  const list = [of('unknown', false), of('ack_flood', true), of('ack_flood', false)]

  const native = nativeOf(stringify({ playbooks: list }))

  assert.deepEqual(
    native.map(({ name, ...rest }) => [name, Reflect.get(rest, 'match')]),
    [
      ['ack_flood true', { vectors: ['ack-flood'], requirePorts: true }],
      ['ack_flood false', { vectors: ['ack-flood'] }],
      ['unknown false', { vectors: ['unknown'] }],
    ],
  )
  assert.deepEqual(saidOf(list), [])
})

test('how detectors have to agree on what a playbook answers is carried, and shown as it was written', () => {
  const all = { min_sources: 2, confidence_threshold: 0.8, confidence_decay_half_life_seconds: 60 }
  const some = { confidence_threshold: 0.5, min_sources: null }
  const list = [
    { ...udp([STEP], 'a'), correlation: all },
    { ...udp([STEP], 'b'), match: { vector: 'syn_flood' }, correlation: some },
  ]

  const native = playbooksSchema.parse(nativeOf(stringify({ playbooks: list })))

  assert.deepEqual(
    native.map(({ agreement }) => agreement),
    [{ minSources: 2, threshold: 0.8, halfLifeSeconds: 60 }, { threshold: 0.5 }],
  )
  assert.deepEqual(
    playbooksView(native).map(shown => Reflect.get(shown, 'correlation')),
    [all, { ...some, confidence_decay_half_life_seconds: null }],
  )
  assert.deepEqual(saidOf([{ ...list[0], correlation: { min_sources: 0 } }]), [
    'playbooks.yaml:10 error prefixd-value playbooks[0].agreement.minSources: not possible here: Too small: expected number to be >=1',
  ])
})

const BASIS = {
  defaultTtlSeconds: 120,
  ttlSeconds: { minimum: 1, maximum: 86_400 },
  escalation: { isEnabled: true, seconds: 120, confidence: 0.7, maximumTtlSeconds: 86_400 },
}

test('whatever is accepted gives native playbooks that the native checks take without a word', () => {
  const step = fc.record(
    {
      action: fc.constantFrom('police', 'discard'),
      rate_bps: fc.oneof(fc.nat(), fc.double({ noNaN: true }), fc.constant(1e14)),
      ttl_seconds: fc.oneof(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: -1, max: 90_000 })),
      require_confidence_at_least: fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      require_persistence_seconds: fc.oneof(fc.nat(86_400), fc.nat()),
    },
    { requiredKeys: ['action', 'rate_bps', 'ttl_seconds'] },
  )
  const first = fc.record({
    action: fc.constantFrom('police', 'discard'),
    rate_bps: fc.integer({ min: 1, max: 1_000_000_000 }),
    ttl_seconds: fc.integer({ min: 1, max: 86_400 }),
  })
  const playbook = fc.record({
    name: fc.string({ minLength: 1, maxLength: 140, unit: 'grapheme' }),
    match: fc.record(
      { vector: fc.constantFrom(...PREFIXD_VECTORS), require_top_ports: fc.boolean() },
      { requiredKeys: ['vector'] },
    ),
    steps: fc.tuple(first, fc.array(step, { maxLength: 17 })).map(([one, more]) => [one, ...more]),
  })
  const seen = { ok: 0, refused: 0 }

  fc.assert(
    fc.property(fc.array(playbook, { maxLength: 4 }), playbooks => {
      const read = readPlaybooks(stringify({ playbooks }), 'playbooks.yaml', BASIS)
      seen[read.kind] += 1
      if (read.kind === 'refused') {
        assert.ok(read.problems.some(({ severity, line }) => severity === 'error' && line > 0))
        return
      }
      const native = playbooksSchema.parse(read.playbooks)
      const { bounds } = policySchema.parse({ bounds: { ttlSeconds: BASIS.ttlSeconds } })
      const problems = checkPlaybooks(native, {
        ...{ carriers: [{ name: 'gobgp', actions: ['blackhole', 'divert', 'filter'] }], announcements: [] },
        ...{ scriptPath: undefined, scriptTakesPrefixes: false, bounds, maximumSeconds: 86_400 },
        ...{ inventory: { pops: [], customers: [] }, hostgroups: [], networks: [] },
        untouchable: new PrefixSet(),
      })
      assert.deepEqual(problems, [])
      assert.equal(native.length, playbooks.length)
    }),
    { numRuns: 300 },
  )
  assert.ok(seen.ok > 20 && seen.refused > 20, `both were seen: ${JSON.stringify(seen)}`)
})
