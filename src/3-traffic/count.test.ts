import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SLOT_STATUS } from '#1-capture/af-packet/layout.ts'
import { LINK, OUTCOME } from '#2-decode/sample.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { IpLayer, Layer } from '../../lab/layer.ts'
import { type CountingSetup, countingSetup, type TestFrame } from './counting-for-tests.ts'
import { CONTROL, LINE, lineOf, NO_ROOM, STAMP, TOTAL } from './host-tables.ts'

const OURS = '10.0.0.1'
const OTHER_OURS = '10.0.0.2'
const STRANGER = '198.18.0.7'
const OURS_V6 = '2001:db8::1'
const STRANGER_V6 = '3fff::7'
const NETWORKS = ['10.0.0.0/24', '2001:db8::/64']

const v4 = (
  source: string,
  target: string,
  more: Partial<Extract<IpLayer, { kind: 'ipv4' }>> = {},
): IpLayer => ({
  kind: 'ipv4',
  source,
  target,
  ...more,
})
const IN: IpLayer = v4(STRANGER, OURS)
const IN_V6: IpLayer = { kind: 'ipv6', source: STRANGER_V6, target: OURS_V6 }
const UDP: Layer = { kind: 'udp', sourcePort: 53, targetPort: 4000 }
const tcp = (...flags: ('syn' | 'ack')[]): Layer => ({ kind: 'tcp', sourcePort: 5, targetPort: 80, flags })
const payload = (bytes: number): Layer => ({ kind: 'payload', bytes })

const frame = (...layers: Layer[]): TestFrame => ({ bytes: buildFrame([{ kind: 'ethernet' }, ...layers]) })

/** Counts the frames once from a ring's block and once through the decoder; both must say the same. */
async function eachWay(
  frames: readonly TestFrame[],
  check: (setup: CountingSetup) => void,
  changes: Parameters<typeof countingSetup>[1] = {},
): Promise<void> {
  const ring = await countingSetup(NETWORKS, changes)
  ring.block(frames)
  check(ring)
  const replay = await countingSetup(NETWORKS, changes)
  for (const one of frames) replay.frame(one)
  check(replay)
}

test('each packet is counted in one class with its length on the wire', async () => {
  const frames = [
    frame(IN, UDP, payload(100)),
    { ...frame(IN, tcp('ack'), payload(100)), wire: 1514 },
    frame(IN, tcp('syn')),
    frame(IN, tcp('syn', 'ack')),
    frame(IN, { kind: 'icmp', type: 8 }),
    frame(IN, { kind: 'gre' }, payload(10)),
    frame(IN, { kind: 'esp', index: 1 }, payload(10)),
  ]

  await eachWay(frames, setup => {
    assert.deepEqual(setup.line(OURS, 'incoming'), {
      udp: [1, 142],
      tcp: [1, 1514],
      syn: [2, 120],
      icmp: [1, 60],
      other: [2, 120],
    })
    assert.deepEqual(setup.line(OURS, 'outgoing'), {})
    assert.deepEqual(setup.total('incoming'), [7, 142 + 1514 + 120 + 60 + 120])
  })
})

test('IPv6 is counted like IPv4, with totals of its own', async () => {
  const frames = [
    frame(IN_V6, UDP, payload(100)),
    frame(IN_V6, { kind: 'hop-by-hop' }, { kind: 'destination-options' }, tcp('syn')),
    frame(IN_V6, { kind: 'icmpv6', type: 128 }),
    frame({ kind: 'ipv6', source: OURS_V6, target: STRANGER_V6 }, UDP, payload(100)),
  ]

  await eachWay(frames, setup => {
    assert.deepEqual(setup.line(OURS_V6, 'incoming'), { udp: [1, 162], syn: [1, 90], icmp: [1, 62] })
    assert.deepEqual(setup.line(OURS_V6, 'outgoing'), { udp: [1, 162] })
    assert.deepEqual(setup.total('incoming', 6), [3, 314])
    assert.deepEqual(setup.total('outgoing', 6), [1, 162])
    assert.deepEqual(setup.total('incoming', 4), [0, 0])
  })
})

test('fragments count as fragments besides their class, and a later one has no flags', async () => {
  const first = v4(STRANGER, OURS, { fragment: { offset: 0, more: true } })
  const later = v4(STRANGER, OURS, { fragment: { offset: 1480, more: false }, protocol: 6 })
  const frames = [
    frame(first, UDP, payload(200)),
    // What would be the flags of a TCP header is payload here.
    {
      bytes: buildFrame([
        { kind: 'ethernet' },
        later,
        { kind: 'payload', bytes: new Uint8Array(80).fill(255) },
      ]),
    },
    frame(IN_V6, { kind: 'ipv6-fragment', place: { offset: 8, more: true }, protocol: 17 }, payload(20)),
  ]

  await eachWay(frames, setup => {
    assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 242], tcp: [1, 114], fragment: [2, 356] })
    assert.deepEqual(setup.line(OURS_V6, 'incoming'), { udp: [1, 82], fragment: [1, 82] })
  })
})

test('a flag that forbids fragments makes none', async () => {
  const bytes = buildFrame([{ kind: 'ethernet' }, IN, UDP])
  bytes[20] = 0x40

  await eachWay([{ bytes }], setup => assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 60] }))
})

test('traffic between our own hosts counts for both, that between strangers in the totals alone', async () => {
  const frames = [
    frame(v4(OURS, OTHER_OURS), UDP),
    frame(v4(STRANGER, '192.0.2.1'), UDP),
    frame(v4(OURS, STRANGER), UDP),
    frame({ kind: 'ipv6', source: OURS_V6, target: '2001:db8::2' }, UDP),
    frame({ kind: 'ipv6', source: '2001:db8:1::1', target: STRANGER_V6 }, UDP),
  ]

  await eachWay(frames, setup => {
    assert.deepEqual(setup.total('internal'), [1, 60])
    assert.deepEqual(setup.total('other'), [1, 60])
    assert.deepEqual(setup.total('outgoing'), [1, 60])
    assert.deepEqual(setup.total('internal', 6), [1, 62])
    assert.deepEqual(setup.total('other', 6), [1, 62])
    assert.deepEqual(setup.total('incoming'), [0, 0])
    assert.deepEqual(setup.line(OURS, 'incoming'), {})
    assert.deepEqual(setup.line(OURS, 'outgoing'), { udp: [2, 120] })
    assert.equal(Math.round(setup.flows(OURS, 'outgoing')), 2)
    assert.deepEqual(setup.line(OTHER_OURS, 'incoming'), { udp: [1, 60] })
    assert.equal(Math.round(setup.flows(OTHER_OURS, 'incoming')), 1)
    assert.deepEqual(setup.line(OTHER_OURS, 'outgoing'), {})
    assert.deepEqual(setup.line('2001:db8::2', 'incoming'), { udp: [1, 62] })
  })
  await eachWay(
    frames,
    setup => {
      assert.deepEqual(setup.total('internal'), [1, 60])
      assert.deepEqual(setup.line(OURS, 'outgoing'), { udp: [1, 60] })
      assert.deepEqual(setup.line(OTHER_OURS, 'incoming'), {})
    },
    { internal: 'totals' },
  )
})

test('a direction that is switched off is counted as ignored and nowhere else', async () => {
  const frames = [
    frame(IN, UDP),
    frame(v4(OURS, STRANGER), UDP),
    frame(IN_V6, UDP),
    frame(v4(OURS, OTHER_OURS), UDP),
  ]

  await eachWay(
    frames,
    setup => {
      assert.deepEqual(setup.total('incoming'), [0, 0])
      assert.deepEqual(setup.line(OURS, 'incoming'), {})
      assert.deepEqual(setup.line(OTHER_OURS, 'incoming'), {})
      assert.deepEqual(setup.line(OURS, 'outgoing'), { udp: [2, 120] })
      assert.deepEqual(setup.total('internal'), [1, 60])
      assert.equal(setup.tables.totals[TOTAL.ignored], 2)
    },
    { incoming: false },
  )
  await eachWay(
    frames,
    setup => {
      assert.deepEqual(setup.line(OURS, 'outgoing'), {})
      assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 60] })
      assert.equal(setup.tables.totals[TOTAL.ignored], 1)
    },
    { outgoing: false },
  )
})

test('on request the length is the one the IP header states, without padding and link layer', async () => {
  const whole = buildFrame([{ kind: 'ethernet' }, IN, UDP, payload(5)])
  const segment = buildFrame([{ kind: 'ethernet' }, IN, UDP, payload(100)])
  // A segment that the network card will cut states length 0.
  segment[16] = segment[17] = 0
  const frames = [
    { bytes: whole },
    { bytes: segment, wire: 9000 },
    { ...frame({ kind: 'vlan', id: 5 }, IN, tcp('ack'), payload(60)), wire: 2000 },
    frame(IN_V6, UDP, payload(5)),
  ]

  await eachWay(
    frames,
    setup => {
      assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [2, 33 + 9000], tcp: [1, 100] })
      assert.deepEqual(setup.line(OURS_V6, 'incoming'), { udp: [1, 53] })
    },
    { lengthFromIp: true },
  )
})

test('inside tunnels the inner packet is counted when that is wanted, else the tunnel', async () => {
  const outer = v4('203.0.113.1', OTHER_OURS)
  const frames = [
    frame(outer, { kind: 'gre' }, IN, UDP, payload(50)),
    frame(outer, IN, tcp('syn')),
    frame(outer, IN_V6, UDP),
  ]

  await eachWay(frames, setup => {
    assert.deepEqual(setup.line(OTHER_OURS, 'incoming'), { other: [3, 116 + 74 + 82] })
    assert.deepEqual(setup.line(OURS, 'incoming'), {})
  })
  await eachWay(
    frames,
    setup => {
      assert.deepEqual(setup.line(OTHER_OURS, 'incoming'), {})
      assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 116], syn: [1, 74] })
      assert.deepEqual(setup.line(OURS_V6, 'incoming'), { udp: [1, 82] })
    },
    { innerTunnels: true },
  )
})

test('a frame cut short counts by what is known of it', async () => {
  const whole = buildFrame([{ kind: 'ethernet' }, IN, tcp('syn')])
  const cut = (bytes: number): TestFrame => ({ bytes: whole.slice(0, bytes), wire: 60 })

  await eachWay([cut(48), cut(47), cut(42), cut(34)], setup => {
    // The flags stand in the 48th byte.
    assert.deepEqual(setup.line(OURS, 'incoming'), { syn: [1, 60], tcp: [3, 180] })
  })
  await eachWay([cut(33), cut(20), cut(13), cut(0)], setup => {
    assert.deepEqual(setup.line(OURS, 'incoming'), {})
    assert.deepEqual(setup.total('other'), [0, 0])
    assert.equal(setup.tables.totals[TOTAL.outcome + OUTCOME.cut], 4)
    assert.equal(setup.tables.totals[TOTAL.outcome + OUTCOME.decoded], 0)
  })
})

test('what is not IP or lies about itself is counted by its outcome', async () => {
  const arp = { bytes: buildFrame([{ kind: 'ethernet', type: 0x0806 }, payload(28)]) }
  const lie = buildFrame([{ kind: 'ethernet' }, IN, UDP])
  lie[14] = 0x41

  await eachWay([arp, { bytes: lie }], setup => {
    assert.equal(setup.tables.totals[TOTAL.outcome + OUTCOME.notIp], 1)
    assert.equal(setup.tables.totals[TOTAL.outcome + OUTCOME.malformed], 1)
    assert.equal(setup.slotOf(OURS), 0)
  })
})

test('a tag that the kernel has taken out of the frame changes nothing', async () => {
  const setup = await countingSetup(NETWORKS)

  setup.block([{ ...frame(IN, UDP), status: SLOT_STATUS.vlanValid | SLOT_STATUS.vlanTpidValid }])
  // Of two tags the outer one was taken out: the network header as the kernel sees it is the inner tag.
  setup.block([{ ...frame({ kind: 'vlan', id: 9 }, IN, UDP), status: SLOT_STATUS.vlanValid }])

  assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [2, 120] })
})

test('a ring of an interface without a link layer is counted by its link type', async () => {
  const setup = await countingSetup(NETWORKS, { link: LINK.rawIp })
  const bytes = frame(IN, UDP).bytes.slice(14)

  setup.block([{ bytes, linkBytes: 0 }])

  assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 46] })
})

test('a host without room is in the totals under its direction, and its packets are counted as refused', async () => {
  const setup = await countingSetup(['10.0.0.0/8'], { hostsMax: 256 })
  const target = (text: string) => frame(v4(STRANGER, text), UDP)

  setup.block([target('10.0.0.1'), target('10.0.1.1'), target('10.0.1.1')])
  setup.block([frame(v4('10.0.1.1', '10.0.0.1'), UDP), frame(v4('10.0.1.1', STRANGER), UDP)])

  assert.equal(setup.control('hostsRefused'), 4)
  assert.deepEqual(setup.total('incoming'), [3, 180])
  assert.deepEqual(setup.total('outgoing'), [1, 60])
  assert.deepEqual(setup.total('internal'), [1, 60])
  assert.deepEqual(setup.line('10.0.0.1', 'incoming'), { udp: [2, 120] })
  const nobody = setup.tables.counters.subarray(NO_ROOM * LINE, (NO_ROOM + 1) * LINE)
  assert.ok(nobody.every(word => word === 0))
})

test('flows are counted of all protocols, of TCP and UDP over IPv4, or not at all', async () => {
  const frames = [
    frame(IN, UDP),
    frame(IN, tcp('ack')),
    frame(IN, { kind: 'icmp', type: 8 }),
    frame(IN_V6, UDP),
    frame(v4(OURS, STRANGER), UDP),
  ]
  const flows = (setup: CountingSetup) => [
    Math.round(setup.flows(OURS, 'incoming')),
    Math.round(setup.flows(OURS_V6, 'incoming')),
    Math.round(setup.flows(OURS, 'outgoing')),
  ]

  await eachWay(frames, setup => assert.deepEqual(flows(setup), [3, 1, 1]), { flows: 'all' })
  await eachWay(frames, setup => assert.deepEqual(flows(setup), [2, 0, 1]), { flows: 'tcp-udp-v4' })
  await eachWay(frames, setup => assert.deepEqual(flows(setup), [0, 0, 0]), { flows: 'off' })
})

test('a flow is one flow whether its packets are plain or tagged, and ports tell flows apart', async () => {
  const setup = await countingSetup(NETWORKS)
  const ports = (sourcePort: number, targetPort: number): Layer => ({ kind: 'udp', sourcePort, targetPort })

  setup.block([frame(IN, UDP), frame({ kind: 'vlan', id: 5 }, IN, UDP)])
  const same = setup.flows(OURS, 'incoming')
  setup.block([frame(IN, ports(4000, 53)), frame(IN, ports(53, 4001)), frame(v4('198.18.0.8', OURS), UDP)])

  assert.equal(Math.round(same), 1)
  assert.equal(Math.round(setup.flows(OURS, 'incoming')), 4)
})

test('a line is announced as busy when the bytes of a class pass a multiple, however few packets they are', async () => {
  const setup = await countingSetup(NETWORKS)
  setup.tables.control[CONTROL.busyMask] = 2 ** 31 - 1
  setup.tables.control[CONTROL.busyBits] = 12
  setup.tick(2, 2)
  setup.counting.syncEpoch()
  const long = { ...frame(IN, UDP), wire: 1500 }

  setup.block([long, long])
  assert.equal(setup.control('busyHead'), 0)

  setup.block([long])
  assert.equal(setup.control('busyHead'), 1)
})

test('a line is stamped when a window begins, and announced as busy each n-th packet of a class', async () => {
  const setup = await countingSetup(NETWORKS)
  const { tables, counting } = setup
  tables.control[CONTROL.busyMask] = 3
  setup.tick(2, 2)
  counting.syncEpoch()
  const line = (side: 0 | 1) => lineOf(setup.slotOf(OURS), side)
  const stamps = () => ([0, 1] as const).map(side => tables.counters[line(side) * LINE + STAMP])
  const pageSeen = () => tables.pageSeen[setup.slotOf(OURS) >> 8]
  const announced = () => setup.control('busyHead')

  setup.block([frame(IN, UDP), frame(IN, UDP), frame(IN, UDP)])
  assert.deepEqual([stamps(), pageSeen(), announced()], [[2, 0], 2, 0])

  setup.block([frame(IN, tcp('syn')), frame(IN, UDP)])
  assert.equal(announced(), 1)
  assert.equal(tables.busy[0], line(0))

  // Within a tick a line is told once.
  setup.block(Array.from({ length: 40 }, () => frame(IN, UDP)))
  assert.equal(announced(), 1)

  setup.tick(3, 2)
  counting.syncEpoch()
  setup.block(Array.from({ length: 40 }, () => frame(IN, UDP)))
  assert.deepEqual([stamps(), announced()], [[2, 0], 2])

  setup.tick(4, 3)
  counting.syncEpoch()
  setup.block([frame(IN, UDP), frame(v4(OURS, STRANGER), UDP)])
  assert.deepEqual([stamps(), pageSeen(), announced()], [[3, 3], 3, 2])
})

test('a host without traffic is forgotten when its windows have passed, one with traffic never', async () => {
  const setup = await countingSetup([...NETWORKS, '10.0.9.0/24'], { idleWindows: 3 })
  setup.block([frame(IN, UDP), frame(IN_V6, UDP)])

  for (let window = 2; window <= 8; window++) {
    setup.tick(window, window)
    setup.counting.syncEpoch()
    setup.block([frame(v4(STRANGER, '10.0.9.1'), UDP)])
  }

  assert.equal(setup.control('hostsReleased'), 2)
  assert.deepEqual(setup.line('10.0.9.1', 'incoming'), { udp: [7, 420] })
  assert.equal(setup.slotOf(OURS), 0)
  setup.block([frame(IN, UDP)])
  assert.deepEqual(setup.line(OURS, 'incoming'), { udp: [1, 60] })
})
