import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { type Address, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { contains, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { type DecisionContext, decide, decisionText } from './decide.ts'
import { type Rails, railPrefixesOf } from './guardrail.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.map(text => parsePrefix(text)!)

const NETWORKS = prefixes('192.0.2.0/24')

const RAILS: Rails = {
  ...railPrefixesOf({
    networks: NETWORKS,
    whitelist: [],
    managementPrefixes: prefixes('192.0.2.254'),
  }),
  ...{ bansMax: 10, bansPerMinute: 10, targets: new Set(), bansWithinMinute: 0 },
}

const CONTEXT: DecisionContext = {
  rails: RAILS,
  armed: true,
  scriptPath: '/usr/local/bin/notify',
}

test('an attack on a host of ours calls the script when armed, and says why', () => {
  const decision = decide(exampleAttack(), CONTEXT)

  assert.deepEqual(decision, {
    kind: 'act',
    actions: [{ kind: 'script', path: '/usr/local/bin/notify' }],
    reasons: [
      'playbook call-script, step notify: call the script /usr/local/bin/notify, because incoming packets at ' +
        '40,000 packets/s went over the general limit of 20,000 packets/s (more than its budget, 0.5 s after the first tick above it)',
    ],
  })
  assert.match(decisionText(exampleAttack(), decision), /^acting for 192\.0\.2\.1: playbook call-script/)
})

test('not armed, the same decision is a dry run', () => {
  const armed = decide(exampleAttack(), CONTEXT)
  const dry = decide(exampleAttack(), { ...CONTEXT, armed: false })

  assert.equal(dry.kind, 'dry-run')
  assert.deepEqual(dry.kind === 'dry-run' && dry.would, armed.kind === 'act' && armed.actions)
  assert.match(
    decisionText(exampleAttack(), dry),
    /^dry run, nothing is done for 192\.0\.2\.1; armed it would be: /,
  )
})

test('a manual ban calls the script too', () => {
  const attack = exampleAttack({ origin: 'manual', crossing: undefined })

  const decision = decide(attack, CONTEXT)

  assert.equal(decision.kind, 'act')
  assert.match(decisionText(attack, decision), /because an operator asked for it$/)
})

test('without a script there is nothing to do', () => {
  const decision = decide(exampleAttack(), { ...CONTEXT, scriptPath: undefined })

  assert.deepEqual(decision, {
    kind: 'nothing',
    reason: 'playbook call-script has nothing to do: no script is configured',
  })
})

test('an attack on prefixes is reported, and calls the script only where that is asked for', () => {
  const attack = exampleAttack({ scope: 'prefix', host: '192.0.2.0/24', prefixes: ['192.0.2.0/24'] })
  const rails = railPrefixesOf({ networks: NETWORKS, whitelist: [], managementPrefixes: [] })
  const context = { ...CONTEXT, rails: { ...RAILS, ...rails } }

  assert.equal(
    decisionText(attack, decide(attack, context)),
    'playbook call-script has nothing to do: 192.0.2.0/24 is no single host, and the script is not called for ' +
      'prefixes (enforcement.notifyScript.prefixes)',
  )
  assert.equal(decide(attack, { ...context, scriptTakesPrefixes: true }).kind, 'act')
})

test('an attack that is over is left alone', () => {
  const { isOver: _isOver, lastOverAt: _lastOverAt, ...facts } = exampleAttack()

  const decision = decide({ ...facts, state: 'ended', endedAt: 0, endedBy: 'finished' }, CONTEXT)

  assert.deepEqual(decision, { kind: 'nothing', reason: 'the attack on 192.0.2.1 is over' })
})

test('a refusal names each rail, in a dry run as well', () => {
  const attack = exampleAttack({ host: '192.0.2.254' })
  const decision = decide(attack, {
    ...CONTEXT,
    armed: false,
    rails: { ...RAILS, bansMax: 1, targets: new Set(['192.0.2.7']) },
  })

  assert.equal(decision.kind, 'refused')
  assert.equal(
    decisionText(attack, decision),
    'refused to act for 192.0.2.254: 192.0.2.254/32 touches the management prefix 192.0.2.254/32 (rail management); ' +
      '1 hosts are under action and 1 are the most (rail bans-max)',
  )
})

const v4 = fc.nat(0xffff_ffff).map((value): Address => ({ family: 4, value: BigInt(value) }))
const v6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value): Address => ({ family: 6, value }))
// Few distinct addresses, so that lists and targets meet.
const narrow = fc.nat(15).map((low): Address => ({ family: 4, value: 0xc000_0200n + BigInt(low) }))
const zero = fc.constantFrom<Address>({ family: 4, value: 0n }, { family: 6, value: 0n })
const address = fc.oneof({ weight: 4, arbitrary: narrow }, v4, v6, zero)
const prefix = fc
  .tuple(address, fc.nat(128))
  .map(([base, length]) => prefixOf(base, Math.min(length, base.family === 4 ? 32 : 128)))
const list = fc.array(prefix, { maxLength: 6 })
const context = fc.record({
  networks: list,
  whitelist: list,
  managementPrefixes: list,
  bansMax: fc.integer({ min: 1, max: 4 }),
  bansPerMinute: fc.integer({ min: 1, max: 4 }),
  bansWithinMinute: fc.nat(5),
  targets: fc.array(address.map(formatAddress), { maxLength: 6 }).map(targets => new Set(targets)),
  armed: fc.boolean(),
  scriptPath: fc.constantFrom(undefined, '/bin/true'),
})

test('whatever is asked, no action crosses a rail', () => {
  fc.assert(
    fc.property(address, context, (host, context) => {
      const target = formatAddress(host)
      const decision = decide(exampleAttack({ host: target, family: host.family }), {
        ...context,
        rails: { ...context, ...railPrefixesOf(context) },
      })

      if (decision.kind !== 'act' && decision.kind !== 'dry-run') return
      const parsed = parseAddress(target)!
      assert.notEqual(parsed.value, 0n)
      assert.ok(context.networks.some(network => contains(network, parsed)))
      assert.ok(!context.managementPrefixes.some(managed => contains(managed, parsed)))
      assert.ok(!context.whitelist.some(listed => contains(listed, parsed)))
    }),
    { numRuns: 500 },
  )
})

test('acting on every decision, there are never more hosts under action than the cap', () => {
  fc.assert(
    fc.property(fc.array(narrow, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (hosts, bansMax) => {
      const targets = new Set<string>()
      for (const host of hosts) {
        const target = formatAddress(host)
        const decision = decide(exampleAttack({ host: target }), {
          ...CONTEXT,
          rails: { ...RAILS, bansPerMinute: 100, bansMax, targets },
        })
        if (decision.kind === 'act') targets.add(target)
        assert.ok(targets.size <= bansMax)
      }
    }),
  )
})

const ANNOUNCED: DecisionContext = {
  ...CONTEXT,
  rails: {
    ...RAILS,
    ...railPrefixesOf({
      networks: prefixes('192.0.2.0/24', '198.51.100.0/24'),
      whitelist: [],
      managementPrefixes: prefixes('192.0.2.254'),
    }),
  },
  announcements: (['network', 'host'] as const).map(scope => ({
    ...{ enforcer: 'gobgp', family: 4, scope, nextHop: '192.0.2.66', communities: ['65001:666'] },
  })),
}

test('the script comes first, then the network, then the host, each with its reason', () => {
  const decision = decide(exampleAttack({ host: '198.51.100.7' }), ANNOUNCED)

  assert.equal(decision.kind, 'act')
  assert.deepEqual(
    decision.kind === 'act' &&
      decision.actions.map(action => ('prefix' in action ? action.prefix : 'script')),
    ['script', '198.51.100.0/24', '198.51.100.7/32'],
  )
  assert.match(
    decision.kind === 'act' ? (decision.reasons[1] ?? '') : '',
    /^playbook script-and-announce, step announce: announce 198\.51\.100\.0\/24 by gobgp with next hop 192\.0\.2\.66 and 65001:666, because /,
  )
})

test('a network that touches a management host is kept back, and the rest goes ahead', () => {
  for (const armed of [true, false]) {
    const decision = decide(exampleAttack(), { ...ANNOUNCED, armed })
    const chosen =
      decision.kind === 'act' ? decision.actions : decision.kind === 'dry-run' ? decision.would : []

    assert.deepEqual(
      chosen.map(action => ('prefix' in action ? action.prefix : 'script')),
      ['script', '192.0.2.1/32'],
    )
    assert.match(
      decisionText(exampleAttack(), decision),
      /; refused to announce 192\.0\.2\.0\/24 by gobgp .*: .*management prefix 192\.0\.2\.254\/32 \(rail management\)$/,
    )
  }
})

test('when all that could be done is kept back, nothing is', () => {
  const [network] = ANNOUNCED.announcements ?? []
  const decision = decide(exampleAttack(), { ...ANNOUNCED, scriptPath: undefined, announcements: [network!] })

  assert.equal(decision.kind, 'refused')
})

test('a default route among our networks is never announced', () => {
  const everything = railPrefixesOf({
    networks: prefixes('0.0.0.0/0'),
    whitelist: [],
    managementPrefixes: [],
  })
  const decision = decide(exampleAttack(), { ...ANNOUNCED, rails: { ...RAILS, ...everything } })

  assert.deepEqual(
    decision.kind === 'act' &&
      decision.actions.map(action => ('prefix' in action ? action.prefix : 'script')),
    ['script', '192.0.2.1/32'],
  )
})
