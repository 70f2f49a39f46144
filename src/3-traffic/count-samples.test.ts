// The two rings of packet headers: a few of all packets, and every n-th of the hosts that are watched.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import { type CountingSetup, countingSetup, type TestFrame } from './counting-for-tests.ts'
import { LINE, lineOf, WATCH } from './host-tables.ts'
import { SampleRingReader } from './sample-ring.ts'

const VICTIM = '10.0.0.1'

const udp = (target: string, sourcePort: number, ...tags: Layer[]): Uint8Array =>
  buildFrame([
    { kind: 'ethernet' },
    ...tags,
    { kind: 'ipv4', source: '198.18.0.7', target },
    { kind: 'udp', sourcePort, targetPort: 80 },
    { kind: 'payload', bytes: 200 },
  ])
const syn = (target: string): Uint8Array =>
  buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source: '198.18.0.7', target },
    { kind: 'tcp', sourcePort: 1, targetPort: 80, flags: ['syn'] },
  ])

/** As the capture cuts it. */
const captured = (bytes: Uint8Array, more: Partial<TestFrame> = {}): TestFrame => ({
  bytes: bytes.slice(0, 128),
  wire: bytes.length,
  ...more,
})

function entriesOf({ tables }: CountingSetup, which: 'recent' | 'watched') {
  const reader = new SampleRingReader(tables[which], tables.snapBytes)
  const entries: {
    seconds: number
    nanoseconds: number
    bytes: number
    weight: number
    frame: Uint8Array
  }[] = []
  reader.eachHeld(() => {
    const { seconds, nanoseconds, bytes, weight } = reader.entry
    entries.push({ seconds, nanoseconds, bytes, weight, frame: reader.frame() })
  })
  return entries
}

function watch(setup: CountingSetup, host: string, every: number): void {
  for (const side of [0, 1] as const)
    setup.tables.counters[lineOf(setup.slotOf(host), side) * LINE + WATCH] = every
}

test('of a small block every packet is kept as a recent one, with its time, length and bytes', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  const plain = captured(udp(VICTIM, 1), { seconds: 1_700_000_000, nanoseconds: 999_999_999 })
  const tagged = captured(udp('192.0.2.1', 2, { kind: 'vlan', id: 3 }), {
    seconds: 0xffff_ffff,
    nanoseconds: 1,
  })

  setup.block([plain, tagged])
  setup.frame(captured(udp(VICTIM, 3), { seconds: 7, nanoseconds: 8 }), 5)
  setup.frame(captured(udp(VICTIM, 4)), 0)

  assert.deepEqual(entriesOf(setup, 'recent'), [
    { seconds: 1_700_000_000, nanoseconds: 999_999_999, bytes: 242, weight: 1, frame: plain.bytes },
    { seconds: 0xffff_ffff, nanoseconds: 1, bytes: 246, weight: 1, frame: tagged.bytes },
    { seconds: 7, nanoseconds: 8, bytes: 242, weight: 5, frame: udp(VICTIM, 3).slice(0, 128) },
  ])
})

test('of a large block about 64 packets are kept, evenly, and each stands for the others', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])

  setup.block(Array.from({ length: 1000 }, (_, at) => captured(udp(VICTIM, at))))

  const entries = entriesOf(setup, 'recent')
  const ports = entries.map(({ frame }) => (frame[34]! << 8) | frame[35]!)
  assert.deepEqual(
    ports,
    Array.from({ length: 63 }, (_, at) => at * 16),
  )
  assert.ok(entries.every(({ weight }) => weight === 16))
})

test('recent packets have the length they were counted with', async () => {
  const setup = await countingSetup(['10.0.0.0/24', '2001:db8::/64'], { lengthFromIp: true })
  const v6 = buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv6', source: '3fff::1', target: '2001:db8::1' },
    { kind: 'udp', sourcePort: 1, targetPort: 2 },
  ])
  const arp = buildFrame([{ kind: 'ethernet', type: 0x0806 }])

  setup.block([
    captured(udp(VICTIM, 1)),
    captured(udp(VICTIM, 2, { kind: 'vlan', id: 3 })),
    captured(v6),
    { bytes: arp },
  ])
  setup.frame(captured(udp(VICTIM, 3)), 1)

  assert.deepEqual(
    entriesOf(setup, 'recent').map(({ bytes }) => bytes),
    [228, 228, 48, 60, 228],
  )
})

test('a frame is kept no longer than the snap length, wherever it lies in memory', async () => {
  const setup = await countingSetup(['10.0.0.0/24'], { snapBytes: 61 })
  const whole = udp(VICTIM, 1)

  setup.block([{ bytes: whole }])
  setup.frame({ bytes: whole }, 1)

  for (const { frame } of entriesOf(setup, 'recent')) assert.deepEqual(frame, whole.slice(0, 61))
})

test('of a watched host every n-th packet of a class is copied, and stands for n', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  setup.block([captured(udp(VICTIM, 0)), captured(udp('10.0.0.2', 0))])
  watch(setup, VICTIM, 4)

  setup.block(
    Array.from({ length: 20 }, (_, at) =>
      captured(at % 2 === 0 ? udp(VICTIM, at) : udp('10.0.0.2', at), { seconds: 5, nanoseconds: at }),
    ),
  )
  for (let at = 0; at < 8; at++) setup.frame(captured(syn(VICTIM), { seconds: 6, nanoseconds: at }))

  const entries = entriesOf(setup, 'watched')
  // One UDP packet was counted before, so the third, seventh and so on of these are the fourth, eighth ...
  assert.deepEqual(
    entries.map(({ seconds, nanoseconds, weight, bytes }) => [seconds, nanoseconds, weight, bytes]),
    [
      [5, 4, 4, 242],
      [5, 12, 4, 242],
      [6, 3, 4, 60],
      [6, 7, 4, 60],
    ],
  )
  assert.deepEqual(entries[0]!.frame, udp(VICTIM, 4).slice(0, 128))
})

test('a host that is not watched any more is not copied', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  setup.block([captured(udp(VICTIM, 0))])
  watch(setup, VICTIM, 1)
  setup.block([captured(udp(VICTIM, 1))])
  watch(setup, VICTIM, 0)
  setup.block([captured(udp(VICTIM, 2))])

  assert.equal(entriesOf(setup, 'watched').length, 1)
})

test('watched packets have a share per tick; what is beyond it is skipped and counted', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  const block = Array.from({ length: 2000 }, () => captured(syn(VICTIM)))
  setup.block(block)
  watch(setup, VICTIM, 1)

  for (let n = 0; n < 3; n++) setup.block(block)
  assert.equal(setup.tables.watched[0], 4096)
  assert.equal(setup.control('watchSkipped'), 6000 - 4096)

  setup.tick(2, 1)
  setup.counting.syncEpoch()
  setup.block(block)
  assert.equal(setup.tables.watched[0], 6096)
})
