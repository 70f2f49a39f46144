import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttackType } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { actionText } from './action.ts'
import {
  type CountermeasureName,
  chooseCountermeasures,
  type ProfileMeans,
  profileAround,
} from './countermeasure.ts'
import { type DecisionContext, decide, decisionText } from './decide.ts'
import { INSEPARABLE, known } from './distilled-rules-for-tests.ts'
import { keyOf } from './permit.ts'
import { CONTEXT, playbooksFrom } from './playbooks-for-tests.ts'

const of = (type: string, protocol: string, ...vectors: string[]) =>
  chooseCountermeasures({
    ...({ type, protocol } as Parameters<typeof chooseCountermeasures>[0]),
    finding: {
      parts: vectors.map(vector => ({ vector, share: 1, reasons: [] })),
      ...{ confidence: 1, packets: 100 },
    },
  })

const profile = (
  id: string,
  prefixes: string[],
  countermeasures: CountermeasureName[],
  isDefault = false,
): ProfileMeans => ({
  ...{ id, enforcer: 'nftables', countermeasures, isDefault },
  prefixes: prefixes.flatMap(text => parsePrefix(text) ?? []),
})
const ALL: CountermeasureName[] = ['syn-proxy', 'acl', 'source-limit', 'filter']
const WEB = profile('web', ['192.0.2.0/25'], ALL)
const GENERAL = profile('general', ['192.0.2.0/24'], ALL, true)

const playbook = (...actions: object[]) =>
  playbooksFrom([
    {
      name: 'protect',
      steps: actions.map((action, at) => ({
        name: at === 0 ? 'on' : `then-${at}`,
        actions: [{ kind: 'countermeasure', ...action }],
        ...(at === 0 ? {} : { escalateAfter: { seconds: 60 } }),
      })),
    },
  ])

const attackOn = (host: string, type: AttackType) =>
  exampleAttack({
    host,
    prefixes: [`${host}/32`],
    type,
    finding: undefined,
    protocol: type === 'icmp_flood' ? 'icmp' : type === 'syn_flood' ? 'tcp' : 'udp',
  })

const contextFor = (
  protection: ProfileMeans[],
  playbooks = playbook({}),
  more: Partial<DecisionContext> = {},
): DecisionContext => ({
  ...CONTEXT,
  enforcers: [...(CONTEXT.enforcers ?? []), { name: 'nftables', actions: ['countermeasure'] }],
  ...{ protection, playbooks, ...more },
})

test('the table answers as MITIGATOR does, vector by vector', () => {
  assert.deepEqual(of('syn_flood', 'tcp'), ['syn-proxy'])
  assert.deepEqual(of('unknown', 'tcp'), ['syn-proxy'])
  assert.deepEqual(of('icmp_flood', 'icmp'), ['acl'])
  assert.deepEqual(of('udp_flood', 'udp'), ['source-limit'])
  assert.deepEqual(of('unknown', 'unknown'), ['source-limit'])
  assert.deepEqual(of('unknown', 'udp', 'dns-amplification', 'syn-flood'), ['source-limit', 'syn-proxy'])
})

test('what a playbook says of a vector, a type or the rest goes before the usual', () => {
  const attack = { type: 'udp_flood', protocol: 'udp', finding: undefined } as const
  assert.deepEqual(chooseCountermeasures(attack, { udp_flood: 'rate-limit' }), ['rate-limit'])
  assert.deepEqual(chooseCountermeasures(attack, { else: 'filter' }), ['filter'])
  assert.deepEqual(chooseCountermeasures({ ...attack, type: 'constructor' as never }), ['source-limit'])
})

test('the closest profile around the target answers, and the default one where there is none', () => {
  const inside = profile('one', ['192.0.2.7/32'], ALL)
  const at = (text: string, name?: string) =>
    profileAround([GENERAL, WEB, inside], parsePrefix(text)!, name)?.id

  assert.deepEqual(
    ['192.0.2.7', '192.0.2.8', '192.0.2.200', '198.51.100.1'].map(text => at(text)),
    ['one', 'web', 'general', undefined],
  )
  assert.deepEqual([at('192.0.2.7', 'web'), at('192.0.2.200', 'web')], ['web', undefined])
})

test('a step switches on what answers the attack, in words, and the guardrails see whom it is for', () => {
  const decision = decide(attackOn('192.0.2.7', 'icmp_flood'), contextFor([WEB]))

  assert.ok(decision.kind === 'act')
  assert.deepEqual(decision.actions, [
    {
      kind: 'countermeasure',
      enforcer: 'nftables',
      profile: 'web',
      countermeasure: 'acl',
      prefix: '192.0.2.7/32',
    },
  ])
  assert.match(
    decisionText(attackOn('192.0.2.7', 'icmp_flood'), decision),
    /playbook protect, step on: switch on acl of the protection profile web by nftables for 192\.0\.2\.7\/32, because/,
  )

  const managed = decide(attackOn('192.0.2.254', 'icmp_flood'), contextFor([GENERAL]))
  assert.ok(managed.kind === 'refused')
  assert.deepEqual(
    managed.refusals.map(({ rail }) => rail),
    ['management'],
  )
  const dry = decide(attackOn('192.0.2.7', 'icmp_flood'), contextFor([WEB], undefined, { armed: false }))
  assert.ok(dry.kind === 'dry-run' && dry.would.length === 1)
})

test('what the profile has not is taken by what answers the rest, else it is refused with its reason', () => {
  const few = profile('web', ['192.0.2.0/25'], ['source-limit'])
  const instead = decide(attackOn('192.0.2.7', 'syn_flood'), contextFor([few]))
  assert.ok(instead.kind === 'act')
  assert.match(actionText(instead.actions[0]!), /source-limit/)
  assert.match(instead.reasons[0] ?? '', /\(the profile has no syn-proxy\)$/)

  const fixed = decide(
    attackOn('192.0.2.7', 'syn_flood'),
    contextFor([few], playbook({ countermeasure: 'acl' })),
  )
  const nowhere = decide(attackOn('192.0.2.200', 'syn_flood'), contextFor([few]))
  const none = decide(attackOn('192.0.2.7', 'syn_flood'), contextFor([few], playbook({ profile: 'mail' })))
  assert.deepEqual(
    [fixed, nowhere, none].map(one => (one.kind === 'refused' ? one.refusals[0]?.reason : one.kind)),
    [
      'the protection profile web has no acl',
      'no protection profile covers 192.0.2.200/32, and there is no default one',
      'the protection profile mail does not cover 192.0.2.7/32',
    ],
  )
})

test('from a countermeasure the attack climbs to the next step, and what both want is wanted once', () => {
  const playbooks = playbook({}, { kind: 'blackhole' })
  const attack = attackOn('192.0.2.7', 'udp_flood')
  const opened = decide(attack, contextFor([WEB], playbooks, { confidence: 0.9 }))
  const later = decide(attack, {
    ...contextFor([WEB], playbooks, { confidence: 0.9, nowMs: 1_060_000 }),
    ladder: opened.ladder!,
  })

  assert.ok(opened.kind === 'act' && later.kind === 'act')
  assert.deepEqual(
    [opened, later].map(({ actions }) => actions.map(({ kind }) => kind)),
    [['countermeasure'], ['blackhole']],
  )
  assert.match(later.change ?? '', /up from step on to step then-1/)
})

test('a filter takes the distilled rules, waits for them, and is passed over where nothing tells the flood apart', () => {
  const wanted = playbook({ countermeasure: 'filter' }, { kind: 'blackhole' })
  const attack = attackOn('192.0.2.7', 'udp_flood')
  const sought = decide(attack, { ...contextFor([WEB], wanted), distilling: { kind: 'sought' } })
  assert.deepEqual([sought.kind, sought.waits], ['nothing', 'rules are being sought in its packets'])

  const byVector = decide(attack, contextFor([WEB], wanted))
  assert.ok(byVector.kind === 'act')
  const [action] = byVector.actions
  assert.ok(action?.kind === 'countermeasure')
  assert.deepEqual(action.rules, ['destination 192.0.2.7/32 protocol =udp then discard'])
  assert.notEqual(keyOf(action), keyOf({ ...action, rules: [] }))

  const inseparable: Partial<DecisionContext> = {
    distilling: known(INSEPARABLE),
    confidence: 0.9,
  }
  const past = decide(attack, contextFor([WEB], wanted, inseparable))
  assert.ok(past.kind === 'act')
  assert.deepEqual(
    past.actions.map(({ kind }) => kind),
    ['blackhole'],
  )
  assert.match(past.change ?? '', /past step on to step then-1 at once/)
})
