import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleTexts } from '#5-evidence/distill/proposed-rules.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import type { EngineEvent } from './engine-event.ts'
import { configWith, engineLab } from './engine-for-tests.ts'

const VICTIM = '10.0.0.1'
const LIMITS = { thresholds: { incoming: { packetsPerSecond: 2000 }, outgoing: { packetsPerSecond: 2000 } } }

/** As captured: cut behind its headers. */
const frameOf = (source: string, target: string, transport: Layer, bytes: number) =>
  buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source, target },
    transport,
    { kind: 'payload', bytes },
  ]).slice(0, 60)

/** A flood of answers of one length, from many sources. */
const answers = (target: string, count: number, sourcePort = 53): Uint8Array[] =>
  Array.from({ length: count }, (_, at) =>
    frameOf(
      `198.18.${at >> 8}.${at & 255}`,
      target,
      { kind: 'udp', sourcePort, targetPort: 4000 + (at % 50) },
      900,
    ),
  )

/** Visitors of a web server, each segment of another length. */
const visitors = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) =>
    frameOf(
      `198.51.100.${at % 200}`,
      VICTIM,
      { kind: 'tcp', sourcePort: 30_000 + at, targetPort: 443, flags: ['ack'] },
      (at * 37) % 1200,
    ),
  )

const distilledIn = (events: readonly EngineEvent[]) =>
  events.flatMap(event => (event.kind === 'distilled' ? [event.proposed] : []))

test('rules are proposed a tick after an attack opens at the latest, take the flood and spare what came in calm', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))
  lab.run(5, visitors(20))
  const events: EngineEvent[] = []
  const flooded = [...answers(VICTIM, 1500), ...visitors(20)]
  while (!events.some(({ kind }) => kind === 'opened')) events.push(...lab.run(0.1, flooded))
  events.push(...lab.run(0.1, flooded))

  const [proposed] = distilledIn(events)
  assert.ok(proposed?.distilled.kind === 'rules', proposed?.distilled.kind ?? 'nothing')
  assert.deepEqual(proposed.targets, ['10.0.0.1/32'])
  assert.equal(proposed.at, lab.now().wallMs)
  const { attack, normal } = proposed.distilled
  assert.ok(attack.share > 0.95 && attack.share < 1, `${attack.share}`)
  assert.equal(normal?.share, 0)
  assert.ok((normal?.of ?? 0) > 300, `${normal?.of} calm packets`)
})

test('they are looked at again in full at once, then each few seconds while traffic is over the limit', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))
  const during = distilledIn(lab.run(12, answers(VICTIM, 1500)))
  const after = distilledIn(lab.run(12, answers(VICTIM, 5)))

  const sizes = during.map(({ distilled }) => (distilled.kind === 'rules' ? distilled.attack.of : 0))
  assert.ok(sizes.length >= 3 && sizes.length <= 6, sizes.join())
  assert.equal(sizes[1], 1024)
  assert.ok(during.slice(1).every(({ before }) => before?.share === 1))
  assert.ok(after.length <= 1, `${after.length}`)
})

test('when the flood changes its vector the rules follow, and what they would have let pass is told', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))
  lab.run(8, answers(VICTIM, 1500))
  const told = distilledIn(
    lab.run(
      25,
      Array.from({ length: 1500 }, (_, at) =>
        frameOf(
          `198.18.${at >> 8}.${at & 255}`,
          VICTIM,
          { kind: 'tcp', sourcePort: 1024 + at, targetPort: 80, flags: ['syn', 'fin'] },
          0,
        ),
      ),
    ),
  )

  const texts = told.map(one => ruleTexts(one).join(' | '))
  assert.ok(
    told.some(({ before }) => (before?.share ?? 1) < 0.1),
    'the rules of before take nothing of it',
  )
  assert.match(texts.at(-1)!, /protocol =tcp/)
  const changes = texts.filter((text, at) => at > 0 && text !== texts[at - 1]).length
  assert.ok(changes <= 3, `${changes} changes`)
})

test('a host of ours that floods others gets rules by its address and whom it floods', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))
  const frames = Array.from({ length: 1500 }, (_, at) =>
    frameOf(VICTIM, '198.18.7.7', { kind: 'udp', sourcePort: 1024 + at, targetPort: 80 }, 400),
  )

  const [proposed] = distilledIn(lab.run(2, frames))

  assert.ok(proposed !== undefined)
  assert.deepEqual(proposed.targets, ['198.18.7.7/32'])
  for (const text of ruleTexts(proposed))
    assert.match(text, /^destination 198\.18\.7\.7\/32 source 10\.0\.0\.1\/32 /)
})

test('of a flood spread over a prefix the rules name the prefix, and what its hosts did before is calm', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }, ['10.0.0.0/16']))
  const hosts = Array.from({ length: 256 }, (_, at) => `10.0.3.${at}`)
  const calm = hosts
    .slice(0, 64)
    .map((host, at) =>
      frameOf(
        '198.51.100.1',
        host,
        { kind: 'tcp', sourcePort: 40_000, targetPort: 443, flags: ['ack'] },
        (at * 31) % 1200,
      ),
    )
  lab.run(6, calm)
  const carpet = hosts.flatMap(host => answers(host, 6))

  const told = distilledIn(lab.run(6, [...calm, ...carpet]))

  const proposed = told.at(-1)
  assert.ok(proposed?.distilled.kind === 'rules', proposed?.distilled.kind ?? 'nothing')
  assert.match(proposed.targets[0]!, /^10\.0\.3\.0\/2\d$|^10\.0\.[0-3]\.0\/2\d$/)
  assert.equal(proposed.distilled.normal?.share, 0)
  assert.ok((proposed.distilled.normal?.of ?? 0) > 100)
})

test('in plain mode rules are proposed too', async () => {
  const lab = await engineLab(configWith({ detection: { ...LIMITS, mode: 'plain' } }))

  const told = distilledIn(lab.run(12, answers(VICTIM, 3000)))

  assert.ok(told.length >= 2, `${told.length}`)
  assert.ok(told.every(({ distilled }) => distilled.kind === 'rules'))
})

test('it is a matter of the configuration, and of what we found ourselves', async () => {
  const off = await engineLab(configWith({ detection: LIMITS, evidence: { distill: { enabled: false } } }))
  const byHand = await engineLab(configWith({ detection: LIMITS }))

  const told = off.run(3, answers(VICTIM, 1500))
  byHand.send(answers(VICTIM, 100))
  byHand.tick()
  byHand.engine.ban({ family: 4, value: 0x0a00_0001n }, 60, byHand.now())

  assert.deepEqual(distilledIn(told), [])
  assert.ok(told.every(event => event.kind !== 'opened' || event.isDistilled === undefined))
  assert.deepEqual(distilledIn(byHand.run(2, answers(VICTIM, 100))), [])
})

test('with forty attacks at once each tick distils one at most, and none is forgotten', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS, traffic: { hostsMax: 1024 } }, ['10.0.0.0/22']))
  const hosts = Array.from({ length: 40 }, (_, at) => `10.0.2.${at}`)
  const frames = hosts.flatMap(host => answers(host, 300))
  const ids = new Set<string>()

  for (let tick = 0; tick < 120; tick++) {
    lab.send(frames)
    const events = lab.tick().filter(({ kind }) => kind === 'distilled')
    assert.ok(events.length <= 1)
    for (const event of events) if (event.kind === 'distilled') ids.add(event.attackId)
  }

  assert.equal(ids.size, hosts.length)
})

test('what comes between two waves of a flood is not taken for calm', async () => {
  const detection = { ...LIMITS, banSeconds: 2, holdSeconds: 1 }
  const lab = await engineLab(configWith({ detection }))
  lab.run(5, visitors(20))
  const first = lab.run(4, answers(VICTIM, 1500))
  const between = lab.run(20, answers(VICTIM, 100))

  const second = lab.run(3, answers(VICTIM, 1500))

  assert.ok(between.some(({ kind }) => kind === 'ended'))
  assert.ok(second.some(({ kind }) => kind === 'opened'))
  const texts = [first, second].map(events => ruleTexts(distilledIn(events).at(-1)!).join(' | '))
  assert.match(texts[0]!, /source-port =53/)
  assert.equal(texts[1], texts[0])
})
