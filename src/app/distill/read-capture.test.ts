import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Bytes, ethernet, ipv4, ipv6, udp } from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { LINK } from '#2-decode/sample.ts'
import type { Wish } from '#5-evidence/distill/choose-victim.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { pcapHeader, pcapRecord } from '#lib/pcap/writer.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { readCapture } from './read-capture.ts'

/** UDP from port 53; the last octets of both addresses are told apart. */
function frame(source: number, target: number): number[] {
  const packet = ipv4({ protocol: 17, payload: udp(53, 4242) })
  packet[15] = source
  packet[19] = target
  return ethernet(ETHER_TYPE.ipv4, packet)
}

function fileOf(t: TestContext, frames: readonly Bytes[], cut = 0): string {
  const path = join(temporaryFolder(t), 'x.pcap')
  const records = frames.map((bytes, at) =>
    pcapRecord(
      { seconds: 1000 + at, nanoseconds: 0, bytes: Uint8Array.from(bytes), wire: bytes.length },
      'micros',
    ),
  )
  const all = Buffer.concat([pcapHeader(LINK.ethernet, 65_535, 'micros'), ...records])
  writeFileSync(path, all.subarray(0, all.length - cut))
  return path
}

function read(path: string, wish: Wish = {}, packetsMax = 1000) {
  const made = readCapture(path, wish, packetsMax)
  assert.ok(made.kind === 'read', made.kind === 'refused' ? made.problem : '')
  return made.recording
}

const FRAMES = [frame(1, 9), frame(2, 9), frame(3, 9), frame(9, 1), frame(1, 8)]

test('the host that gets most packets is what a capture is about, with the rate of its packets', t => {
  const { head, packets } = read(fileOf(t, FRAMES))

  assert.deepEqual(head.host, parseAddress('10.99.1.9'))
  assert.equal(packets.length, 3)
  assert.equal(head.packetsPerSecond, 1.5)
})

test('a target that is told may be a prefix, and then no host is', t => {
  const target = parsePrefix('10.99.1.8/31')!

  const { head, packets } = read(fileOf(t, FRAMES), { target })

  assert.equal(head.host, undefined)
  assert.deepEqual(
    packets.map(({ record }) => record.target),
    ['10.99.1.9', '10.99.1.9', '10.99.1.9', '10.99.1.8'],
  )
})

test('of an outgoing attack who sends most is the host', t => {
  const { head, packets } = read(fileOf(t, FRAMES), { direction: 'outgoing' })

  assert.equal(formatAddress(head.host!), '198.18.0.1')
  assert.equal(packets.length, 2)
})

test('IPv6 is told apart by the whole address', t => {
  const six = [0, 0, 1].map(last => {
    const packet = ipv6({ next: 17, payload: udp(1, 2) })
    packet[39] = last
    return ethernet(ETHER_TYPE.ipv6, packet)
  })

  const { head, packets } = read(fileOf(t, six))

  assert.equal(formatAddress(head.host!), '2001:db8:99::')
  assert.equal(packets.length, 2)
})

test('more packets than fit are thinned evenly, and each stands for more', t => {
  const many = Array.from({ length: 25 }, (_, at) => frame(at, 9))

  const { packets, notes } = read(fileOf(t, many), {}, 10)

  assert.equal(packets.length, 9)
  assert.equal(packets[0]?.sample.weight, 3)
  assert.deepEqual(notes, ['of 25 packets one of 3 was looked at'])
})

test('what is not IP is counted, and a file that is cut is read as far as it is good', t => {
  const arp = ethernet(0x0806, Array<number>(28).fill(0))

  const { packets, notes } = read(fileOf(t, [arp, frame(1, 9), frame(2, 9)], 5))

  assert.equal(packets.length, 1)
  assert.deepEqual(notes[0], '1 packet was skipped as not IP or too short')
  assert.match(notes[1] ?? '', /^it was read up to where it is broken: cut at byte \d+/)
})

test('a file without a packet of IP is refused', t => {
  const path = fileOf(t, [ethernet(0x0806, Array<number>(28).fill(0))])

  assert.deepEqual(readCapture(path, {}, 10), {
    kind: 'refused',
    problem: 'none of its 1 packets is one of IP',
  })
})
