// Flow records in the tables of a worker: the same lines, classes, totals, flows and rings as packets have.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import { buildFrame } from '../../lab/frame.ts'
import { CONTROL, LINE, lineOf, WATCH } from './host-tables.ts'
import { METRIC } from './metric.ts'
import { type RecordSetup, recordSetup, type TestRecord } from './records-for-tests.ts'
import { SampleRingReader } from './sample-ring.ts'
import { SpeedPass } from './speed.ts'
import { Totals } from './totals.ts'

const NETWORKS = ['10.0.0.0/24', '2001:db8::/64']
const TCP = 6
const TIMING = { averageSeconds: 1, windowSeconds: 1, busyPackets: 1024, busyBytes: 2 ** 31 }

/** Reads the tables as the engine does: what each host did since the last tick. */
function reader({ tables, counting }: RecordSetup) {
  const sources = [{ tables, samplingRate: 1 }]
  const pass = new SpeedPass(sources, TIMING, { attached: () => {}, detached: () => {} })
  const totals = new Totals(sources, 1)
  let epoch = 1
  pass.begin(epoch, 1)
  counting.syncEpoch()
  return {
    totals,
    /** Ends a tick, and the window when that is asked for; the rows of all lines that were visited. */
    tick: (isWindow = true): Map<string, number[]> => {
      epoch++
      pass.begin(epoch, isWindow ? 1 : undefined)
      totals.update(1)
      const { lines, count } = pass.due(isWindow)
      const rows = new Map<string, number[]>()
      for (const line of lines.slice(0, count)) {
        pass.read(line, epoch * 1000)
        rows.set(`${pass.address(line >> 1).value}/${line & 1}`, [...pass.row])
      }
      counting.syncEpoch()
      return rows
    },
  }
}

const onlyRow = (rows: Map<string, number[]>): number[] => {
  assert.equal(rows.size, 1)
  return [...rows.values()][0]!
}

function entriesOf({ tables }: RecordSetup, which: 'recent' | 'watched') {
  const ring = new SampleRingReader(tables[which], tables.snapBytes)
  const entries: (SampleRingReader['entry'] & { frame: Uint8Array })[] = []
  ring.eachHeld(() => entries.push({ ...ring.entry, frame: ring.frame() }))
  return entries
}

test('packets and bytes count times the rate, in the class, as fragments, and in the totals', async () => {
  const setup = await recordSetup(NETWORKS)

  setup.count({ packets: 10, bytes: 5000, rate: 100 })
  setup.count({ packets: 3, bytes: 300, rate: 2.5, isFragment: true })
  setup.count({ protocol: 1, packets: 2, bytes: 128 })
  setup.count({ protocol: 47, packets: 4, bytes: 400 })
  setup.count({ source: '3fff::1', target: '2001:db8::9', packets: 7, bytes: 700 })
  setup.count({ source: '10.0.0.1', target: '198.18.0.1', packets: 5, bytes: 50 })
  setup.count({ source: '10.0.0.1', target: '10.0.0.2', packets: 6, bytes: 60 })
  setup.count({ source: '192.0.2.1', target: '192.0.2.2', packets: 8, bytes: 80 })

  // 5000 * 100 bytes are 7 units of 65,536 and the rest.
  assert.deepEqual(setup.line('10.0.0.1', 'incoming'), {
    ...{ udp: [1008, (500_000 % 65_536) + 750], fragment: [8, 750], icmp: [2, 128], other: [4, 400] },
  })
  assert.deepEqual(setup.line('2001:db8::9', 'incoming'), { udp: [7, 700] })
  assert.deepEqual(setup.line('10.0.0.1', 'outgoing'), { udp: [11, 110] })
  assert.deepEqual(setup.line('10.0.0.2', 'incoming'), { udp: [6, 60] })
  assert.deepEqual(setup.total('outgoing'), [5, 50])
  assert.deepEqual(setup.total('internal'), [6, 60])
  assert.deepEqual(setup.total('other'), [8, 80])
  assert.deepEqual(setup.total('incoming', 6), [7, 700])
})

test('the reader gets the numbers back, also of terabytes, and of what was dropped', async () => {
  const setup = await recordSetup(NETWORKS)
  const { tick, totals } = reader(setup)
  const huge = 37 * 2 ** 40 + 12_345

  setup.count({ packets: 1_000_000, bytes: huge, isDropped: true, isFragment: true })
  setup.count({ packets: 5, bytes: 500 })
  const row = onlyRow(tick())
  setup.count({ packets: 1, bytes: 70_000 })
  const after = onlyRow(tick())

  for (const [metric, value] of [
    [METRIC.packets, 1_000_005],
    [METRIC.bytes, huge + 500],
    [METRIC.udpPackets, 1_000_005],
    [METRIC.udpBytes, huge + 500],
    [METRIC.fragmentPackets, 1_000_000],
    [METRIC.fragmentBytes, huge],
    [METRIC.droppedPackets, 1_000_000],
    [METRIC.droppedBytes, huge],
  ] as const)
    assert.equal(row[metric], value, String(metric))
  assert.deepEqual([after[METRIC.packets], after[METRIC.bytes], after[METRIC.droppedBytes]], [1, 70_000, 0])
  assert.equal(totals.counted('incoming', 4).bytes, huge + 500 + 70_000)
})

test('counters that come round give the same', async () => {
  const setup = await recordSetup(NETWORKS)
  const { tick } = reader(setup)

  const sums = Array.from({ length: 6 }, () => {
    for (let at = 0; at < 3; at++) setup.count({ packets: 500_000_000, bytes: 4_000_000_000 })
    const row = onlyRow(tick())
    return [row[METRIC.packets], row[METRIC.bytes]]
  })

  assert.deepEqual(
    sums,
    sums.map(() => [1_500_000_000, 12_000_000_000]),
  )
})

test('a record that steps over the multiple announces its line, in any tick', async () => {
  const setup = await recordSetup(NETWORKS)
  const { tick } = reader(setup)
  setup.count({ packets: 1, bytes: 1 })
  tick()

  setup.count({ packets: 5000, bytes: 5000 })
  const one = tick(false)
  setup.count({ packets: 10, bytes: 10 })
  const small = tick(false)
  for (let at = 0; at < 200; at++) setup.count({ packets: 10, bytes: 10 })
  const many = tick(false)

  assert.equal(onlyRow(one)[METRIC.packets], 5000)
  assert.equal(small.size, 0)
  assert.equal(onlyRow(many)[METRIC.packets], 2010)
})

test('a line is announced when its bytes pass a multiple, in small records, large ones, or both', async () => {
  for (const bytes of [1400, 40_000, 70_000, 700_000, 1_000_000, 40_000_000]) {
    const setup = await recordSetup(NETWORKS)
    setup.tables.control[CONTROL.busyMask] = 2 ** 31 - 1
    // A mebibyte.
    setup.tables.control[CONTROL.busyBits] = 20
    let unseen = 0
    let most = 0
    for (let at = 0; at < 4000; at++) {
      // A tick each, so that a line that was told lately is told again.
      setup.tick(at + 2, 1)
      setup.counting.syncEpoch()
      const before = setup.control('busyHead')
      setup.count({ bytes })
      unseen = setup.control('busyHead') === before ? unseen + bytes : 0
      most = Math.max(most, unseen)
    }

    assert.ok(most < 1.5 * 2 ** 20, `${most} bytes in records of ${bytes}`)
    assert.ok(most > 2 ** 18 || bytes > 2 ** 18, `${most} bytes in records of ${bytes}`)
  }
})

test('of a connection one packet is SYN, of a flow that is nothing else all, and in plain mode all', async () => {
  const setup = await recordSetup(NETWORKS)
  const plain = await recordSetup(NETWORKS, { wholeSyn: true })
  const connection: TestRecord = { protocol: TCP, flags: 0x1b, packets: 20, bytes: 20_000, rate: 10 }
  const attempt: TestRecord = { protocol: TCP, flags: 0x02, packets: 3, bytes: 120 }

  setup.count(connection)
  setup.count({ ...attempt, target: '10.0.0.2' })
  setup.count({ protocol: TCP, flags: 0x12, packets: 1, bytes: 60, rate: 1000, target: '10.0.0.3' })
  plain.count(connection)

  assert.deepEqual(setup.line('10.0.0.1', 'incoming'), {
    ...{ syn: [10, 600], tcp: [190, (199_400 % 65_536) | 0] },
  })
  assert.deepEqual(setup.line('10.0.0.2', 'incoming'), { syn: [3, 120] })
  assert.deepEqual(setup.line('10.0.0.3', 'incoming'), { syn: [1000, 60_000] })
  assert.equal(plain.line('10.0.0.1', 'incoming')['syn']?.[0], 200)
})

test('each flow is heard once however many packets it has', async () => {
  const setup = await recordSetup(NETWORKS)

  for (let at = 0; at < 5; at++) setup.count({ ports: [1000 + at, 80], packets: 1000 })
  for (let at = 0; at < 5; at++) setup.count({ ports: [1000 + at, 80], packets: 1000 })

  assert.ok(Math.abs(setup.flows('10.0.0.1', 'incoming') - 5) < 0.5)
})

test('the ring gets the packet of a record that brings one, with its rate', async () => {
  const setup = await recordSetup(NETWORKS)
  const frame = buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source: '198.18.0.7', target: '10.0.0.1' },
    { kind: 'udp', sourcePort: 53, targetPort: 4000 },
    { kind: 'payload', bytes: 30 },
  ])

  setup.count({ frame, packets: 1, bytes: 1400, rate: 512 })

  const [entry] = entriesOf(setup, 'recent')
  assert.deepEqual(entry?.frame, frame)
  assert.deepEqual(
    [entry?.bytes, entry?.weight, entry?.rate, entry?.told, entry?.link, entry?.seconds, entry?.nanoseconds],
    [1400, 512, 512, 0, 1, 1_700_000_000, 250_000_000],
  )
})

const address4 = fc.integer({ min: 0, max: 255 }).map(last => `198.18.0.${last}`)
const address6 = fc.integer({ min: 0, max: 0xffff }).map(last => `3fff::${last.toString(16)}`)

test('the header made up from a record says what the record says, when it is decoded as a packet', async () => {
  const setup = await recordSetup(NETWORKS)
  const port = fc.integer({ min: 0, max: 65_535 })
  let runs = 0

  fc.assert(
    fc.property(
      fc.boolean(),
      address4,
      address6,
      fc.tuple(port, port),
      fc.constantFrom(6, 17, 47, 132),
      fc.integer({ min: 0, max: 255 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 60, max: 9000 }),
      (isV6, v4, v6, ports, protocol, flags, isFragment, packets, mean) => {
        const source = isV6 ? v6 : v4
        const target = isV6 ? '2001:db8::9' : '10.0.0.1'
        const bytes = packets * mean
        // One tick each, so that none is passed over.
        setup.tick(++runs, 1)
        setup.counting.syncEpoch()
        setup.count({ source, target, ports, protocol, flags, isFragment, packets, bytes })
        const entry = entriesOf(setup, 'recent').at(-1)!
        const sample = new Sample()
        const view = new DataView(entry.frame.buffer, entry.frame.byteOffset, entry.frame.length)
        assert.equal(decodeFrame(view, 0, entry.frame.length, entry.link, false, sample), OUTCOME.decoded)
        assert.deepEqual([entry.told, entry.bytes], [packets, mean])
        assert.deepEqual([sample.family, sample.protocol], [isV6 ? 6 : 4, protocol])
        assert.equal(sample.isFragment, isFragment ? 1 : 0)
        const hasPorts = protocol !== 47
        assert.deepEqual([sample.sourcePort, sample.targetPort], hasPorts ? ports : [0, 0])
        assert.equal(sample.tcpFlags, protocol === 6 ? flags : 0)
        assert.ok(sample.ipLength === mean || mean < (isV6 ? 68 : 40), `${sample.ipLength} for ${mean}`)
      },
    ),
    { numRuns: 500 },
  )
})

test('of a watched host the copies stand for about as many packets as there were', async () => {
  const setup = await recordSetup(NETWORKS)
  setup.count({})
  for (const side of [0, 1] as const)
    setup.tables.counters[lineOf(setup.slotOf('10.0.0.1'), side) * LINE + WATCH] = 16

  let packets = 0
  for (let at = 0; at < 3000; at++) {
    const many = 1 + (at % 40)
    packets += many
    setup.count({ packets: many, bytes: many * 100 })
  }
  const weight = entriesOf(setup, 'watched').reduce((sum, entry) => sum + entry.weight, 0)

  assert.ok(Math.abs(weight / packets - 1) < 0.1, `${weight} for ${packets}`)
  assert.equal(setup.control('watchSkipped'), 0)
})

test('what is ignored is counted as ignored, and no host for it', async () => {
  const setup = await recordSetup(NETWORKS, { incoming: false })

  setup.count({ packets: 9 })

  assert.equal(setup.slotOf('10.0.0.1'), 0)
  assert.deepEqual(setup.total('incoming'), [0, 0])
  assert.equal(setup.tables.control[CONTROL.hostsRefused], 0)
})

test('a record of a minute adds its rate for a minute, and nothing is lost or counted twice', async () => {
  const setup = await recordSetup(NETWORKS, { spreadMs: 60_000 })
  const { tick } = reader(setup)
  setup.counting.advance(1_000_000)

  setup.count({ packets: 600_000, bytes: 60_000_000, durationMs: 60_000 })
  const seconds: number[] = []
  for (let second = 1; second <= 62; second++) {
    setup.counting.advance(1_000_000 + second * 1000)
    seconds.push([...tick().values()][0]?.[METRIC.packets] ?? 0)
  }

  assert.ok(
    seconds.slice(0, 60).every(packets => Math.abs(packets - 10_000) <= 1),
    seconds.join(' '),
  )
  assert.equal(
    seconds.reduce((sum, packets) => sum + packets, 0),
    600_000,
  )
})

test('of a flow longer than what is spread only its mean rate counts, the rest is told as too long ago', async () => {
  const setup = await recordSetup(NETWORKS, { spreadMs: 60_000 })
  const { tick } = reader(setup)
  setup.counting.advance(0)

  setup.count({ packets: 1_800_000, bytes: 180_000_000, durationMs: 1_800_000 })
  setup.counting.advance(61_000)
  const row = onlyRow(tick())

  assert.deepEqual([row[METRIC.packets], row[METRIC.bytes]], [60_000, 6_000_000])
  assert.equal(setup.counting.COUNTS.beyondPackets, 1_740_000)
})
