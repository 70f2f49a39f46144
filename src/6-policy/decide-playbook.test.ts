import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { type Decision, type DecisionContext, decide, decisionText } from './decide.ts'
import {
  CONTEXT,
  inventoryFrom,
  LIMIT_DISCARD_DROP,
  namedAttack,
  playbooksFrom,
  RAILS,
} from './playbooks-for-tests.ts'

const ATTACK = exampleAttack()
const decided = (changes: Partial<DecisionContext> = {}, attack = ATTACK) =>
  decide(attack, { ...CONTEXT, ...changes })
const actionsOf = (decision: Decision): string[] =>
  (decision.kind === 'act' ? decision.actions : decision.kind === 'dry-run' ? decision.would : []).map(
    action =>
      `${action.kind} ${action.kind === 'filter' ? action.rule : action.kind === 'script' ? action.path : action.prefix}`,
  )
const steps = (...list: object[]) =>
  playbooksFrom([{ name: 'p', steps: list.map((step, at) => ({ name: `s${at}`, ...step })) }])

test('an attack that opens stands on the first step, with all of its actions', () => {
  const decision = decided()

  assert.deepEqual(actionsOf(decision), [
    'filter destination 192.0.2.1/32 protocol =udp then rate 1000000 bytes/s',
    'script /bin/notify',
  ])
  assert.equal(decision.playbook, 'udp')
  assert.equal(decision.ttlSeconds, 300)
  assert.deepEqual(decision.ladder, { playbook: 'udp', step: 0, sinceMs: 1_000_000, calmSinceMs: undefined })
  assert.match(
    decisionText(ATTACK, decision),
    /^acting for 192\.0\.2\.1: playbook udp, step limit: announce by gobgp the rule destination .* because incoming packets at /,
  )
})

test('it climbs by the ladder that is handed in, and the sentence says why', () => {
  const opened = decided({ confidence: 0.8 })
  const later = decided({ confidence: 0.8, nowMs: 1_120_000, ladder: opened.ladder! })
  const last = decided({ confidence: 0.8, nowMs: 1_180_000, ladder: later.ladder! })
  const calm = decided({ nowMs: 1_240_000, ladder: last.ladder!, speed: 100 })
  const back = decided({ nowMs: 1_300_000, ladder: calm.ladder!, speed: 100 })

  assert.deepEqual(actionsOf(later), ['filter destination 192.0.2.1/32 protocol =udp then discard'])
  assert.match(
    decisionText(ATTACK, later),
    /^acting for 192\.0\.2\.1: up from step limit to step discard: .* 120 s/,
  )
  assert.deepEqual(actionsOf(last), ['blackhole 192.0.2.1/32'])
  assert.equal(last.ttlSeconds, 600)
  assert.equal(calm.ladder?.step, 2)
  assert.equal(back.ladder?.step, 1)
  assert.match(decisionText(ATTACK, back), /down from step drop to step discard/)
})

test('what no playbook answers is answered by the built-in one, exactly as without any', () => {
  const attack = exampleAttack({ type: 'syn_flood' })
  const { playbooks: _playbooks, nowMs: _nowMs, ...without } = CONTEXT

  assert.deepEqual(decided({}, attack), decide(attack, without))
  assert.deepEqual(actionsOf(decided({}, attack)), ['script /bin/notify', 'blackhole 192.0.2.1/32'])
})

test('a playbook that only shows is a dry run although it is armed', () => {
  const decision = decided({ playbooks: playbooksFrom([{ ...LIMIT_DISCARD_DROP, dryRun: true }]) })

  assert.equal(decision.kind, 'dry-run')
  assert.match(
    decisionText(ATTACK, decision),
    /^dry run of playbook udp, nothing is done for 192\.0\.2\.1; otherwise it would be: /,
  )
})

test('a step that only watches does nothing and still stands on the ladder', () => {
  const playbooks = steps(
    { actions: [{ kind: 'observe' }] },
    { actions: [{ kind: 'script' }], escalateAfter: { seconds: 5 } },
  )
  const decision = decided({ playbooks })
  const later = decided({ playbooks, ladder: decision.ladder!, nowMs: 1_005_000, confidence: 1 })

  assert.match(decisionText(ATTACK, decision), /^playbook p, step s0: only watched, because /)
  assert.deepEqual(actionsOf(later), ['script /bin/notify'])
})

test('a step up of which nothing can be done leaves the attack where it was, with what it had', () => {
  const playbooks = steps(
    { actions: [{ kind: 'script' }] },
    { actions: [{ kind: 'blackhole' }], escalateAfter: { seconds: 5 } },
  )
  const opened = decided({ playbooks })
  const later = decided({
    playbooks,
    announcements: [],
    ladder: opened.ladder!,
    nowMs: 1_005_000,
    confidence: 1,
  })

  assert.deepEqual(actionsOf(later), ['script /bin/notify'])
  assert.deepEqual(later.ladder, opened.ladder)
  assert.match(
    decisionText(ATTACK, later),
    /not to step s1: no announcement of the host is configured for IPv4 \(rail means\); playbook p, step s0: call the script/,
  )
})

test('what a step wants and nobody can do is told beside what is done', () => {
  const decision = decided({ enforcers: [] })

  assert.deepEqual(actionsOf(decision), ['script /bin/notify'])
  assert.match(
    decisionText(ATTACK, decision),
    /; not possible: no enforcer that announces rules is configured \(rail means\)$/,
  )
})

test('a diversion names the network around the host, and the host where that is asked for', () => {
  const divert = { kind: 'divert', nextHopIpv4: '192.0.2.67', communities: ['64496:1:2'] }
  const network = decided({ playbooks: steps({ actions: [divert] }) })
  const host = decided({ playbooks: steps({ actions: [{ ...divert, scope: 'host' }] }) })

  assert.equal(network.kind, 'refused')
  assert.match(
    decisionText(ATTACK, network),
    /192\.0\.2\.0\/24 touches the management prefix 192\.0\.2\.254\/32/,
  )
  assert.deepEqual(host.kind === 'act' && host.actions, [
    {
      kind: 'divert',
      prefix: '192.0.2.1/32',
      nextHop: '192.0.2.67',
      communities: ['64496:1:2'],
      enforcer: 'gobgp',
    },
  ])
})

test('an earlier playbook that has come to fit takes over at the same height, and a later one never does', () => {
  const playbooks = playbooksFrom([
    { ...LIMIT_DISCARD_DROP, name: 'sure', match: { minimumConfidence: 0.9 } },
    LIMIT_DISCARD_DROP,
  ])
  const ladder = { playbook: 'udp', step: 1, sinceMs: 0, calmSinceMs: undefined }
  const sure = decided({ playbooks, ladder, confidence: 0.95 })
  const unsure = decided({ playbooks, ladder: sure.ladder!, confidence: 0.1 })

  assert.deepEqual(sure.ladder, { playbook: 'sure', step: 1, sinceMs: 1_000_000, calmSinceMs: undefined })
  assert.match(sure.change ?? '', /^playbook sure answers it from now on, and no longer udp$/)
  assert.equal(unsure.playbook, 'sure')
})

test('a ladder of a playbook that is gone is left for the one that fits, or for the built-in one', () => {
  const ladder = { playbook: 'gone', step: 5, sinceMs: 0, calmSinceMs: undefined }

  assert.equal(decided({ ladder }).ladder?.step, 2)
  assert.equal(decided({ ladder }, exampleAttack({ type: 'syn_flood' })).playbook, undefined)
})

test('each action says whose it is where there is an inventory', () => {
  const inventory = inventoryFrom({
    pops: [{ id: 'vie' }],
    customers: [{ id: 'acme', pop: 'vie', prefixes: ['192.0.2.0/24'] }],
  })
  const decision = decided({ inventory })

  assert.deepEqual(decision.kind === 'act' && decision.owners, [
    { customer: 'acme', pop: 'vie' },
    { customer: undefined, pop: undefined },
  ])
})

test('no playbook gets past the rails of the attack', () => {
  const decision = decided({ rails: RAILS }, exampleAttack({ host: '192.0.2.254' }))

  assert.equal(decision.kind, 'refused')
})

test('what other detectors report makes it surer, in words, and so it goes up', () => {
  const ladder = { playbook: 'udp', step: 0, sinceMs: 0, calmSinceMs: undefined }
  const attack = namedAttack(['udp-flood'], {
    finding: { parts: [{ vector: 'udp-flood', share: 1, reasons: [] }], confidence: 0.5, packets: 50 },
  })
  const report = (source: string, confidence: number) => ({
    source,
    confidence,
    target: '192.0.2.1',
    atMs: 999_000,
  })
  const alone = decided({ ladder }, attack)
  const agreed = decided({ ladder, reports: [report('radar', 0.5), report('radar', 0.3)] }, attack)
  const doubted = decided(
    {
      ladder,
      reports: [report('radar', 0.5)],
      correlation: { windowMs: 60_000, weights: new Map([['radar', 0.1]]), usualWeight: 1 },
    },
    attack,
  )

  assert.deepEqual(
    [alone, agreed, doubted].map(({ ladder: at }) => at?.step),
    [0, 1, 0],
  )
  assert.match(
    decisionText(attack, agreed),
    /2 detectors agree: floodwarden is 50 % sure; radar is 50 % sure; .* so the confidence is 75 %; playbook udp/,
  )
})
