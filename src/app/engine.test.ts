import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import type { EngineEvent } from './engine-event.ts'
import { configWith, engineLab, flood, fromHost, SYN, WALL } from './engine-for-tests.ts'

const VICTIM = '10.0.0.1'

const LIMITS = { thresholds: { incoming: { packetsPerSecond: 1000 }, outgoing: { packetsPerSecond: 1000 } } }

function word(event: EngineEvent): readonly string[] {
  switch (event.kind) {
    case 'tallied':
      return []
    case 'distilled':
      return ['distilled']
    case 'evidence':
      return [`evidence ${event.packets.length}`]
    default:
      return [`${event.kind} ${event.attack.host}`]
  }
}

const words = (events: readonly EngineEvent[]) => events.flatMap(word)

function opened(events: readonly EngineEvent[]) {
  const event = events.find(candidate => candidate.kind === 'opened')
  assert.ok(event?.kind === 'opened')
  return event
}

test('a flood of one host opens one attack with its type, power and flows, proves it, and ends after its ban time', async () => {
  const lab = await engineLab(
    configWith({ detection: { ...LIMITS, banSeconds: 20, holdSeconds: 2 }, evidence: { packets: 10 } }),
  )
  const calm = flood('10.0.0.2', 20)

  const before = lab.run(2, calm)
  const during = lab.run(5, [...flood(VICTIM, 500), ...calm])
  const after = lab.run(40, calm)

  assert.deepEqual(words(before), [])
  assert.deepEqual(words(during.filter(({ kind }) => kind !== 'updated' && kind !== 'distilled')), [
    'opened 10.0.0.1',
    'evidence 10',
  ])
  const { attack, flows } = opened(during)
  assert.equal(attack.type, 'udp_flood')
  assert.equal(attack.direction, 'incoming')
  assert.equal(attack.power, 5000)
  // Five times the limit from many sources without an answer: a tick is enough.
  assert.equal(attack.openedAt, WALL + 2100)
  assert.equal(attack.crossing!.value, 5000)
  assert.equal(flows[0]!.protocol, 'udp')
  assert.ok(Math.abs(flows[0]!.count / 500 - 1) < 0.3, `${flows[0]!.count} flows`)
  assert.deepEqual(words(after.filter(({ kind }) => kind === 'ended')), ['ended 10.0.0.1'])
  const end = after.at(-1)!
  assert.ok(end.kind === 'ended' && end.attack.state === 'ended')
  assert.equal(end.attack.endedAt, WALL + 22_100)
  assert.equal(end.attack.endedBy, 'finished')
})

test('the packets of an attack are those of its host, at their time, with their bytes', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS, evidence: { packets: 5 } }))
  const frames = flood(VICTIM, 800, SYN)
  const other = flood('10.0.0.9', 50)

  const events = lab.run(
    1,
    frames.flatMap((frame, at) => [frame, other[at % 50]!]),
  )

  const evidence = events.find(event => event.kind === 'evidence')
  assert.ok(evidence?.kind === 'evidence')
  assert.equal(evidence.packets.length, 5)
  for (const packet of evidence.packets) {
    assert.equal(packet.target, VICTIM)
    assert.match(packet.source, /^198\.18\.\d+\.\d+$/)
    assert.deepEqual([packet.protocol, packet.tcpFlags, packet.targetPort, packet.bytes], [6, 2, 80, 60])
    assert.ok(packet.timeMicros >= WALL * 1000 && packet.timeMicros <= (WALL + 1000) * 1000)
    assert.ok(frames.some(frame => Buffer.from(frame).equals(packet.bytesCaptured)))
  }
  assert.equal(opened(events).attack.type, 'syn_flood')
})

test('an IPv6 host is found like any other', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS, evidence: { packets: 3 } }))

  const events = lab.run(2, flood('2001:db8::7', 500))

  const { attack, flows } = opened(events)
  assert.equal(attack.host, '2001:db8::7')
  assert.equal(attack.family, 6)
  assert.equal(attack.power, 5000)
  assert.ok(flows[0]!.count > 300)
  const evidence = events.find(event => event.kind === 'evidence')
  assert.ok(evidence?.kind === 'evidence')
  assert.equal(evidence.packets[0]!.target, '2001:db8::7')
})

test('a host that floods others is attacked in the direction outgoing', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))

  const { attack } = opened(lab.run(1, fromHost(VICTIM, 500)))

  assert.equal(attack.host, VICTIM)
  assert.equal(attack.direction, 'outgoing')
  assert.equal(attack.crossing!.direction, 'outgoing')
})

test('the same packets at the same times make the same events', async () => {
  const tell = async () => {
    const lab = await engineLab(configWith({ detection: { ...LIMITS, banSeconds: 5, holdSeconds: 1 } }))
    return [lab.run(1, flood('10.0.0.2', 80)), lab.run(3, flood(VICTIM, 400, SYN)), lab.run(10)].flat()
  }

  assert.deepEqual(await tell(), await tell())
})

test('plain mode judges once a second', async () => {
  const lab = await engineLab(configWith({ detection: { ...LIMITS, mode: 'plain', banSeconds: 5 } }))

  const steps = Array.from({ length: 5 }, () =>
    words(lab.run(1, flood(VICTIM, 3000)).filter(({ kind }) => kind !== 'distilled')),
  )

  assert.equal(lab.engine.tickMs, 1000)
  assert.deepEqual(steps.slice(0, 4), [[], [], ['opened 10.0.0.1'], ['updated 10.0.0.1', 'evidence 20']])
  assert.deepEqual(words(lab.run(20)).at(-1), 'ended 10.0.0.1')
})

test('with 65,536 hosts under traffic the one that is flooded is found', async () => {
  const config = configWith({ detection: LIMITS, evidence: { packets: 4 }, traffic: { hostsMax: 65_536 } }, [
    '10.0.0.0/16',
  ])
  const lab = await engineLab(config)
  const [frame] = flood('10.0.0.0', 1)
  const everybody = Array.from({ length: 65_536 }, (_, host) => {
    const copy = frame!.slice()
    copy[32] = host >> 8
    copy[33] = host & 255
    return copy
  })
  lab.send(everybody)
  lab.tick()

  const events = lab.run(1, flood('10.0.200.100', 300))

  assert.equal(lab.engine.pass.hosts.count, 65_536)
  assert.deepEqual(words(events.filter(({ kind }) => kind === 'opened' || kind === 'evidence')), [
    'opened 10.0.200.100',
    'evidence 4',
  ])
  assert.ok(Math.abs(opened(events).attack.power - 3000) < 10)
})

test('sampled traffic of a host below its limit is no attack, however few packets tell of it', async () => {
  const lab = await engineLab(
    configWith({
      detection: { thresholds: { incoming: { packetsPerSecond: 20_000 } } },
      capture: { samplingRate: 1000 },
    }),
  )
  const [packet] = flood(VICTIM, 1)

  // 15 packets in a second stand for 15,000: three of four ticks have one or two of them.
  const events = Array.from({ length: 100 }, (_, tick) => {
    lab.send(tick % 2 === 0 ? [packet!] : [packet!, packet!])
    return lab.tick()
  }).flat()

  assert.deepEqual(words(events), [])
})

test('a ban by hand opens an attack without evidence, and an operator ends it', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS }))
  const address = parseAddress(VICTIM)!

  const [opened] = lab.engine.ban(address, 60, lab.now())
  const again = lab.engine.ban(address, 60, lab.now())
  const during = lab.run(3, flood(VICTIM, 500))
  const ended = lab.engine.unban(VICTIM, lab.now())

  assert.ok(opened?.kind === 'opened')
  assert.equal(opened.attack.origin, 'manual')
  assert.deepEqual(opened.flows, [])
  assert.deepEqual(again, [])
  assert.deepEqual(words(during), [])
  assert.deepEqual(words(ended), ['ended 10.0.0.1'])
  assert.deepEqual(lab.engine.unban(VICTIM, lab.now()), [])
})

test('an attack that ends before its packets are together gives what there is, and holds nothing back', async () => {
  const lab = await engineLab(configWith({ detection: LIMITS, evidence: { packets: 9000 } }))
  lab.run(0.5, flood(VICTIM, 500))
  assert.equal(lab.engine.isCollecting, true)

  const events = lab.engine.unban(VICTIM, lab.now())

  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['evidence', 'ended'],
  )
  assert.ok(events[0]?.kind === 'evidence' && events[0].packets.length > 0)
  assert.equal(lab.engine.isCollecting, false)
  const promised = [...lab.engine.collections.metrics()].find(({ name }) => name.includes('promised'))
  assert.equal(promised!.value, 0)
})

test('packets that do not come are waited for so long and no longer, whatever the wall clock does', async () => {
  const lab = await engineLab(
    configWith({ detection: { ...LIMITS, banSeconds: 60 }, evidence: { packets: 9000, collectSeconds: 3 } }),
  )
  lab.run(0.3, flood(VICTIM, 400))
  lab.turnWallClock(-3_600_000)

  const waited = lab.run(2.7)
  const then = lab.run(0.2)

  // Counted, not compared: the difference of thousands of packets would be put into words.
  const evidenceIn = (events: readonly EngineEvent[]) =>
    events.filter(({ kind }) => kind === 'evidence').length
  assert.equal(evidenceIn(waited), 0)
  assert.equal(evidenceIn(then), 1)
})

test('flows are told in no section when they are not counted', async () => {
  const off = await engineLab(configWith({ detection: LIMITS, traffic: { flows: 'off' } }))
  const fastnetmon = await engineLab(configWith({ detection: LIMITS, traffic: { flows: 'tcp-udp-v4' } }))

  assert.deepEqual(opened(off.run(1, flood(VICTIM, 500))).flows, [])
  assert.deepEqual(opened(fastnetmon.run(1, flood('2001:db8::1', 500))).flows, [])
  assert.equal(opened(fastnetmon.run(1, flood(VICTIM, 500))).flows.length, 1)
})

test('an attack is named when it opens, better when its packets are there, and keeps its name to the end', async () => {
  const lab = await engineLab(
    configWith({ detection: { ...LIMITS, banSeconds: 5, holdSeconds: 2 }, evidence: { packets: 500 } }),
  )

  const events = [...lab.run(3, flood(VICTIM, 300, SYN)), ...lab.run(10)]

  const first = opened(events).attack.finding
  const evidence = events.find(event => event.kind === 'evidence')
  const ended = events.find(event => event.kind === 'ended')
  assert.ok(evidence?.kind === 'evidence' && ended?.kind === 'ended')
  assert.equal(first?.parts[0]?.vector, 'syn-flood')
  assert.ok((evidence.named?.finding?.packets ?? 0) > first.packets)
  assert.deepEqual(ended.attack.finding, evidence.named?.finding)
})
