import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import { type CountingSetup, countingSetup, type TestFrame } from './counting-for-tests.ts'
import { BUSY_ENTRIES, CLASS, CONTROL, COUNTED_WORDS, LINE, lineOf, WATCH } from './host-tables.ts'
import { type Deeds, speedReader } from './speed-for-tests.ts'

const HOST = '10.0.0.1'
const STRANGER = '198.18.0.7'
const V4 = ['10.0.0.0/24']

const UDP: Layer = { kind: 'udp', sourcePort: 53, targetPort: 4000 }
const SYN: Layer = { kind: 'tcp', sourcePort: 5, targetPort: 80, flags: ['syn'] }
const ACK: Layer = { kind: 'tcp', sourcePort: 5, targetPort: 80, flags: ['ack'] }

function frame(target: string, transport: Layer = UDP, wire = 100, source = STRANGER): TestFrame {
  const kind = target.includes(':') ? 'ipv6' : 'ipv4'
  const from = kind === 'ipv6' && source === STRANGER ? '3fff::7' : source
  return { bytes: buildFrame([{ kind: 'ethernet' }, { kind, source: from, target }, transport]), wire }
}
const flood = (target: string, count: number, transport = UDP): TestFrame[] =>
  Array<TestFrame>(count).fill(frame(target, transport))
const udp = (packets: number) =>
  packets === 0 ? {} : { packets, bytes: packets * 100, udpPackets: packets, udpBytes: packets * 100 }

test('a tick says what each busy line did since it was last looked at', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker])

  worker.block([
    ...flood(HOST, 3),
    frame(HOST, SYN),
    frame(HOST, ACK),
    frame(HOST, { kind: 'icmp', type: 8 }),
  ])
  worker.block([frame(STRANGER, UDP, 100, HOST), frame(HOST, { kind: 'esp', index: 1 })])
  const first = reader.tick()
  worker.block(flood(HOST, 2))

  assert.deepEqual(first, {
    [`${HOST} incoming`]: {
      ...{ packets: 7, bytes: 700, udpPackets: 3, udpBytes: 300, tcpPackets: 2, tcpBytes: 200 },
      ...{ synPackets: 1, synBytes: 100, icmpPackets: 1, icmpBytes: 100 },
    },
    [`${HOST} outgoing`]: udp(1),
  })
  assert.deepEqual(reader.tick(), { [`${HOST} incoming`]: udp(2) })
  assert.deepEqual(reader.tick(), {})
})

test('fragments are told besides', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker])
  const fragment: Layer = {
    kind: 'ipv4',
    source: STRANGER,
    target: HOST,
    fragment: { offset: 0, more: true },
  }

  worker.block([{ bytes: buildFrame([{ kind: 'ethernet' }, fragment, UDP]), wire: 100 }])

  assert.deepEqual(reader.tick(), {
    [`${HOST} incoming`]: { ...udp(1), fragmentPackets: 1, fragmentBytes: 100 },
  })
})

test('lines that are not busy are looked at when their window has ended, and later only when a late packet came', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker], { busyPackets: 8 })
  worker.block(flood(HOST, 3))

  assert.deepEqual(reader.tick(), {})
  assert.deepEqual(reader.tick({ window: true, keepWorkers: true }), { [`${HOST} incoming`]: udp(3) })
  worker.block(flood(HOST, 2))
  assert.deepEqual(reader.tick({ window: true }), { [`${HOST} incoming`]: udp(2) })
  assert.deepEqual(reader.tick({ window: true }), {})

  worker.block(flood(HOST, 1))
  assert.deepEqual(reader.tick({ window: true }), { [`${HOST} incoming`]: udp(1) })
  assert.deepEqual(reader.tick({ window: true }), {})
})

test('a busy line is looked at in its tick', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker], { busyPackets: 8 })

  worker.block(flood(HOST, 8))

  assert.deepEqual(reader.tick(), { [`${HOST} incoming`]: udp(8) })
})

test('the sampling rate multiplies packets and bytes', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker], { samplingRates: [64] })

  worker.block(flood(HOST, 2))

  assert.deepEqual(reader.tick(), { [`${HOST} incoming`]: udp(128) })
})

test('several workers are one: their lines add up under one host, whatever slots it has in each', async () => {
  const workers = [await countingSetup(V4), await countingSetup([...V4, '192.0.2.0/24'])]
  const [one, two] = workers as [CountingSetup, CountingSetup]
  const reader = speedReader(workers, { samplingRates: [1, 10] })
  two.block(flood('192.0.2.9', 1))

  one.block(flood(HOST, 3))
  two.block(flood(HOST, 2))

  assert.deepEqual(reader.tick(), { [`${HOST} incoming`]: udp(23), '192.0.2.9 incoming': udp(10) })
  assert.notEqual(one.slotOf(HOST), two.slotOf(HOST))
  assert.equal(reader.pass.hosts.count, 2)
})

test('counters may pass 2^32', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker])
  worker.block(flood(HOST, 1))
  reader.tick()
  const { counters } = worker.tables
  const at = lineOf(worker.slotOf(HOST), 0) * LINE + CLASS.udp
  for (const start of [-2, 0x7fff_fffe]) {
    counters[at] = start
    counters[at + 1] = start
    worker.block(flood(HOST, 1))
    reader.tick()

    worker.block(flood(HOST, 4))

    assert.deepEqual(reader.tick(), { [`${HOST} incoming`]: udp(4) })
  }
})

/** Sum of all that ticks told about a line. */
function sumOf(deeds: readonly Deeds[], key: string): number {
  return deeds.reduce((sum, deed) => sum + (deed[key]?.packets ?? 0), 0)
}

test('nothing is missed or told twice, whether a worker hears of a tick early or in the middle of a block', async () => {
  const workers = [await countingSetup(V4), await countingSetup(V4)]
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
  const burst = fc.record({
    worker: fc.nat(1),
    host: fc.constantFrom(...hosts),
    packets: fc.integer({ min: 1, max: 9 }),
  })
  const bursts = fc.array(burst, { maxLength: 3 })
  /** Bursts before the reader begins its tick, before it reads, and after it has read, when the last worker hears of it. */
  const step = fc.record({
    before: bursts,
    meanwhile: bursts,
    late: bursts,
    window: fc.boolean(),
    isEarly: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(1, 4, 16), (steps, busyPackets) => {
      for (const { tables } of workers) tables.counters.fill(0)
      const reader = speedReader(workers, { busyPackets })
      const sent = new Map<string, number>()
      const send = (many: readonly { worker: number; host: string; packets: number }[]) => {
        for (const { worker, host, packets } of many) {
          workers[worker]!.block(flood(host, packets))
          sent.set(host, (sent.get(host) ?? 0) + packets)
        }
      }
      const hear = () => {
        for (const { counting } of workers) counting.syncEpoch()
      }

      const deeds: Deeds[] = []
      for (const { before, meanwhile, late, window, isEarly } of steps) {
        send(before)
        const busy = () => {
          if (isEarly) hear()
          send(meanwhile)
        }
        deeds.push(reader.tick({ window, keepWorkers: true, meanwhile: busy }))
        send(late)
        hear()
      }
      for (let n = 0; n < 3; n++) deeds.push(reader.tick({ window: true }))

      for (const host of hosts) assert.equal(sumOf(deeds, `${host} incoming`), sent.get(host) ?? 0)
    }),
    { numRuns: 60 },
  )
})

const NOW_V6 = ['2001:db8::/64']
/** More IPv6 hosts than one page has room for. */
const CROWD = Array.from({ length: 300 }, (_, at) => `2001:db8::1:${at.toString(16)}`)

test('a slot that makes room for another host never mixes the two', async () => {
  const worker = await countingSetup(NOW_V6, { hostsMax: 256 })
  const reader = speedReader([worker])
  const fresh = CROWD.slice(256)
  worker.block(CROWD.slice(0, 256).flatMap(host => flood(host, 5)))
  reader.tick({ window: true })

  // The hosts are silent. When the reader has begun its tick, others take some of their slots.
  const during = reader.tick({
    window: true,
    keepWorkers: true,
    meanwhile: () => {
      worker.counting.syncEpoch()
      worker.block(fresh.flatMap(host => flood(host, 3)))
    },
  })
  worker.counting.syncEpoch()
  worker.block(fresh.flatMap(host => flood(host, 2)))
  const after = reader.tick({ window: true })

  assert.equal(worker.control('hostsEvicted'), fresh.length)
  for (const host of CROWD) {
    const expected = fresh.includes(host) ? 3 : 0
    assert.equal(sumOf([during], `${host} incoming`), expected, host)
  }
  for (const host of fresh) assert.equal(sumOf([after], `${host} incoming`), 2, host)
})

test('flows and averages of a slot are not those of the host that had it before', async () => {
  const worker = await countingSetup(NOW_V6, { hostsMax: 256, idleWindows: 3 })
  const reader = speedReader([worker])
  worker.block(CROWD.slice(0, 1).flatMap(host => flood(host, 50)))
  reader.tick({ window: true })
  const line = reader.lineOf(CROWD[0]!, 'incoming')
  assert.ok(reader.pass.average(line, 'packets', reader.nowMs) > 0)
  for (let n = 0; n < 3; n++) reader.tick({ window: true })

  // Idle for long enough: the slot is given back and taken by another host before the reader hears of it.
  reader.tick({
    window: true,
    keepWorkers: true,
    meanwhile: () => {
      worker.counting.syncEpoch()
      worker.block(flood(CROWD[1]!, 1))
    },
  })

  assert.deepEqual(reader.comings, [`+${CROWD[0]}`, `-${CROWD[0]}`, `+${CROWD[1]}`])
  assert.equal(reader.pass.flows(reader.lineOf(CROWD[1]!, 'incoming')), 0)
  assert.ok(reader.pass.average(reader.lineOf(CROWD[1]!, 'incoming'), 'packets', reader.nowMs) < 1)
})

test('when the list of busy lines overflows, all lines are looked at, and no host that was never seen', async () => {
  const worker = await countingSetup([...V4, ...NOW_V6])
  const reader = speedReader([worker])
  worker.block([...flood(HOST, 2), ...flood('2001:db8::1', 3)])
  const { tables } = worker
  tables.control[CONTROL.busyHead] = BUSY_ENTRIES + 1

  const deeds = reader.tick()

  assert.deepEqual(deeds, { [`${HOST} incoming`]: udp(2), '2001:db8::1 incoming': udp(3) })
  assert.equal(reader.pass.overflows, 1)
  assert.deepEqual(reader.comings, [`+${HOST}`, '+2001:db8::1'])
})

test('an average comes near a steady speed with its time constant and decays in silence', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker])
  const average = (which: 'packets' | 'bytes') =>
    reader.pass.average(reader.lineOf(HOST, 'incoming'), which, reader.nowMs)

  for (let tick = 0; tick < 50; tick++) {
    worker.block(flood(HOST, 100))
    reader.tick()
  }
  const afterFive = average('packets')
  for (let tick = 0; tick < 200; tick++) {
    worker.block(flood(HOST, 100))
    reader.tick()
  }

  assert.ok(Math.abs(afterFive / 1000 - 0.632) < 0.02, `${afterFive} after one time constant`)
  assert.ok(Math.abs(average('packets') / 1000 - 1) < 0.01)
  assert.ok(Math.abs(average('bytes') / 100_000 - 1) < 0.01)
  reader.nowMs += 5000
  assert.ok(Math.abs(average('packets') / 1000 - Math.exp(-1)) < 0.01)
})

test('who reads late tells no higher speed', async () => {
  const worker = await countingSetup(V4)
  const reader = speedReader([worker], { averageSeconds: 1 })
  const average = () => reader.pass.average(reader.lineOf(HOST, 'incoming'), 'packets', reader.nowMs)
  for (let tick = 1; tick <= 60; tick++) {
    worker.block(flood(HOST, 100))
    reader.tick({ window: tick % 10 === 0 })
  }
  const steady = average()

  worker.block(flood(HOST, 3000))
  reader.tick({ window: true, milliseconds: 3000 })

  assert.ok(Math.abs(average() / steady - 1) < 0.01, `${average()}, steady ${steady}`)
  assert.equal(reader.pass.windowSeconds, 3)
})

test('watching reaches both lines of a host in every worker that knows it', async () => {
  const workers = [await countingSetup(V4), await countingSetup(V4), await countingSetup(V4)]
  const reader = speedReader(workers)
  for (const worker of workers.slice(0, 2)) worker.block(flood(HOST, 1))
  reader.tick()

  reader.pass.watch(reader.lineOf(HOST, 'incoming') >> 1, 16)

  const watched = (worker: CountingSetup) =>
    ([0, 1] as const).map(side => worker.tables.counters[lineOf(worker.slotOf(HOST), side) * LINE + WATCH])
  assert.deepEqual(workers.slice(0, 2).map(watched), [
    [16, 16],
    [16, 16],
  ])
  assert.ok(COUNTED_WORDS < WATCH)
})
