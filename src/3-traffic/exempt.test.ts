import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ethernet, ipv4, ipv6, tag, tcp, udp } from '#2-decode/frame/frames-for-tests.ts'
import { Sample } from '#2-decode/sample.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { type WhitelistRule, whitelistRuleSchema } from './config.ts'
import { compileExempt } from './exempt.ts'
import { ExemptSieve } from './exempt-sieve.ts'
import { TOTAL, TOTAL_WORDS } from './host-tables.ts'
import { wireWords } from './network-table.ts'

interface Packet {
  readonly source: string
  readonly target: string
  readonly protocol: number
  readonly ports: readonly [number, number]
  readonly length: number
  readonly flags: number
  /** The flags and the offset of an IPv4 header, 16 bits. */
  readonly fragment: number
  readonly vlan: number
}

const FRAME = new DataView(new ArrayBuffer(64))
const isV4 = (packet: Packet) => !packet.source.includes(':')

function sampleFor(packet: Packet): Sample {
  const sample = new Sample()
  const words = (text: string) => {
    const { family, value } = parseAddress(text)!
    return wireWords(family === 4 ? value << 96n : value)
  }
  sample.family = isV4(packet) ? 4 : 6
  ;[sample.sourceA, sample.sourceB, sample.sourceC, sample.sourceD] = words(packet.source)
  ;[sample.targetA, sample.targetB, sample.targetC, sample.targetD] = words(packet.target)
  sample.protocol = packet.protocol
  ;[sample.sourcePort, sample.targetPort] = packet.ports
  sample.ipLength = packet.length
  sample.tcpFlags = packet.flags
  sample.isFragment = (packet.fragment & 0x3fff) === 0 ? 0 : 1
  sample.fragmentOffset = (packet.fragment & 0x1fff) * 8
  sample.ipOffset = 14
  FRAME.setUint16(20, packet.fragment)
  return sample
}

/** What a rule means, in the words of its keys and without any table. */
function fits(rule: WhitelistRule, packet: Packet): boolean {
  const inside = (prefix: string | undefined, address: string) =>
    prefix === undefined || contains(parsePrefix(prefix)!, parseAddress(address)!)
  const among = (values: readonly (number | string)[] | undefined, value: number) =>
    values === undefined ||
    values.some(one => {
      const [from, to = from] = String(one).split('-').map(Number)
      return from! <= value && value <= to!
    })
  const numbers: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, gre: 47 }
  const flags: Record<string, number> = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16, urgent: 32 }
  const [isPart, isLater, hasMore] = [0x3fff, 0x1fff, 0x2000].map(bits => (packet.fragment & bits) !== 0)
  const kinds: Record<string, boolean | undefined> = {
    'is-fragment': isPart,
    'not-a-fragment': !isPart,
    'first-fragment': isPart && !isLater,
    'dont-fragment': isV4(packet) && (packet.fragment & 0x4000) !== 0,
    'last-fragment': isV4(packet) && isLater && !hasMore,
  }
  const hasPorts = [6, 17].includes(packet.protocol) && !isLater
  return (
    inside(rule.source_prefix, packet.source) &&
    inside(rule.destination_prefix, packet.target) &&
    (rule.source_ports === undefined || (hasPorts && among(rule.source_ports, packet.ports[0]))) &&
    (rule.destination_ports === undefined || (hasPorts && among(rule.destination_ports, packet.ports[1]))) &&
    among(rule.packet_lengths, packet.length) &&
    (rule.vlans?.includes(packet.vlan) ?? true) &&
    (rule.protocols?.some(name => (numbers[name] ?? name) === packet.protocol) ?? true) &&
    (rule.fragmentation_flags?.some(kind => kinds[kind]) ?? true) &&
    (rule.tcp_flags?.some(
      set => packet.protocol === 6 && set.split('|').every(flag => (packet.flags & flags[flag]!) !== 0),
    ) ??
      true)
  )
}

const address = fc.constantFrom('192.0.2.1', '192.0.2.200', '10.1.0.9', '2001:db8::1', '2001:db8:0:1::7')
const prefix = fc.constantFrom(
  '192.0.2.0/24',
  '192.0.2.128/25',
  '0.0.0.0/0',
  '2001:db8::/64',
  '::/0',
  '10.1.0.9',
  '192.0.2.200/32',
  '2001:db8::1/128',
  '2001:db8:0:1::/126',
  '2001:db8:0:1::7',
)
const port = fc.constantFrom(0, 53, 80, 65_535)
const ports = fc.array(fc.oneof(port, fc.constantFrom('50-60', '80', '0-65535')), {
  minLength: 1,
  maxLength: 3,
})
const list = <Value>(...values: Value[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 })
const packets: fc.Arbitrary<Packet> = fc
  .record({
    source: address,
    target: address,
    protocol: fc.constantFrom(1, 6, 17, 47),
    ports: fc.tuple(port, port),
    length: fc.constantFrom(40, 576, 1500),
    flags: fc.integer({ min: 0, max: 63 }),
    fragment: fc.constantFrom(0, 0x4000, 0x2000, 0x2005, 0x0005),
    vlan: fc.constantFrom(0, 7, 9),
  })
  .filter(({ source, target }) => source.includes(':') === target.includes(':'))
const values = {
  source_prefix: prefix,
  destination_prefix: prefix,
  source_ports: ports,
  destination_ports: ports,
  packet_lengths: fc.constant(['1000-2000', 576]),
  vlans: list(0, 7, 100),
  protocols: list<string | number>('tcp', 'udp', 'icmp', 47),
  fragmentation_flags: list(
    'is-fragment',
    'dont-fragment',
    'first-fragment',
    'last-fragment',
    'not-a-fragment',
  ),
  tcp_flags: list('syn', 'syn|ack', 'fin', 'ack|push|urgent'),
}
const keys = Object.keys(values) as (keyof typeof values)[]
/** One to three keys each: rules with all of them would fit next to nothing. */
const rules = fc
  .tuple(fc.record(values), fc.shuffledSubarray(keys, { minLength: 1, maxLength: 3 }))
  .map(([all, kept]) => whitelistRuleSchema.parse(Object.fromEntries(kept.map(key => [key, all[key]]))))

test('a rule leaves out exactly the packets that fit all of its keys', () => {
  let left = 0
  fc.assert(
    fc.property(fc.array(rules, { minLength: 1, maxLength: 6 }), packets, (whitelistRules, packet) => {
      const exempt = compileExempt({ whitelistSources: [], whitelistRules })!

      const found = exempt(sampleFor(packet), FRAME, packet.vlan)

      if (found) left++
      assert.equal(
        found,
        whitelistRules.some(rule => fits(rule, packet)),
      )
    }),
    { numRuns: 3000 },
  )
  assert.ok(left > 300, `${left} of the packets fitted`)
})

test('addresses on the whitelist are left out, whichever end they are', () => {
  const sources = fc.array(
    prefix.filter(text => !text.endsWith('/0')),
    { minLength: 1, maxLength: 4 },
  )
  fc.assert(
    fc.property(sources, packets, (whitelistSources, packet) => {
      const exempt = compileExempt({ whitelistSources, whitelistRules: [] })!
      const holds = (text: string) =>
        whitelistSources.some(source => contains(parsePrefix(source)!, parseAddress(text)!))

      assert.equal(exempt(sampleFor(packet), FRAME, 0), holds(packet.source) || holds(packet.target))
    }),
    { numRuns: 1000 },
  )
})

test('without sources and rules there is nothing to ask', () => {
  assert.equal(compileExempt({ whitelistSources: [], whitelistRules: [] }), undefined)
})

test('a rule without a key is refused, and so are impossible values', () => {
  for (const wrong of [
    {},
    { source_ports: [] },
    { source_ports: ['9-3'] },
    { source_ports: [65_536] },
    { tcp_flags: ['syn+ack'] },
    { protocols: ['quic'] },
    { sourcePrefix: '10.0.0.0/8' },
  ]) {
    assert.equal(whitelistRuleSchema.safeParse(wrong).success, false, JSON.stringify(wrong))
  }
})

const SLOT = 512
const udpFrame = (port: number) => ethernet(0x0800, ipv4({ protocol: 17, payload: udp(port, 4000) }))

/** A block of slots with these frames; walks it as whoever counts does and gives the slots that are met. */
function sieved(frames: readonly number[][], rule: object, status: readonly number[] = []) {
  const memory = new ArrayBuffer(SLOT * (frames.length + 1))
  const words = new Int32Array(memory)
  for (const [at, frame] of frames.entries()) {
    const w = (at * SLOT) >> 2
    words.set([SLOT, 0, 0, frame.length, frame.length + 4, status[at] ?? 0, 96, 0, 42], w)
    new Uint8Array(memory).set(frame, at * SLOT + 96)
  }
  const totals = new Int32Array(TOTAL_WORDS)
  const exempt = compileExempt({ whitelistSources: [], whitelistRules: [whitelistRuleSchema.parse(rule)] })
  const options = { frames: memory, link: 1, innerTunnels: false, lengthFromIp: false, totals }
  const sieve = new ExemptSieve(exempt, options)
  const kept = sieve.block(0, frames.length)
  const met: number[] = []
  for (let i = 0, at = sieve.first; i < kept; i++) {
    met.push(at / SLOT)
    at += words[at >> 2]!
  }
  return { met, exempt: [totals[TOTAL.exempt], totals[TOTAL.exempt + 1]] }
}

test('exempt packets are unlinked from a block wherever they stand, and counted', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), pattern => {
      const frames = pattern.map(isExempt => udpFrame(isExempt ? 53 : 80))
      const wanted = pattern.flatMap((isExempt, at) => (isExempt ? [] : [at]))
      const out = pattern.length - wanted.length

      const { met, exempt } = sieved(frames, { source_ports: [53] })

      assert.deepEqual(met, wanted)
      assert.deepEqual(exempt, [out, out * (udpFrame(53).length + 4)])
    }),
  )
})

test('a tag is known whether it stands in the frame or was taken out by the kernel', () => {
  const plain = udpFrame(53)
  const tagged = ethernet(0x8100, tag(42, 0x0800, plain.slice(14)))

  assert.deepEqual(sieved([plain, tagged, plain], { vlans: [42] }, [0, 0, 16]).met, [0])
  assert.deepEqual(sieved([plain, tagged, plain], { vlans: [0] }, [0, 0, 16]).met, [1, 2])
})

test('single frames are asked for too, IPv6 by any prefix, and what is no packet is never left out', () => {
  const v6 = ethernet(0x86dd, ipv6({ next: 6, payload: tcp(1, 2, 2) }))
  const memory = new ArrayBuffer(1024)
  new Uint8Array(memory).set(v6, 3)
  const totals = new Int32Array(TOTAL_WORDS)
  const exempt = compileExempt({ whitelistSources: ['2001:db8:ff00::/40'], whitelistRules: [] })
  const options = { frames: memory, link: 1, innerTunnels: false, lengthFromIp: true, totals }
  const sieve = new ExemptSieve(exempt, options)

  assert.equal(sieve.frame(3, v6.length, v6.length, 1), true)
  assert.equal(sieve.frame(3, 20, 20, 1), false)
  assert.deepEqual([totals[TOTAL.exempt], totals[TOTAL.exempt + 1]], [1, v6.length - 14])
  sieve.exempt = undefined
  assert.equal(sieve.frame(3, v6.length, v6.length, 1), false)
})
