// What a speaker has announced and not withdrawn, from the UPDATE messages it sent (RFC 4271, RFC 4760): unicast routes and
// FlowSpec rules of both families, with next hop and communities.

import { formatAddress } from '#lib/ip/address.ts'

const [NEXT_HOP, COMMUNITIES, REACH, UNREACH, EXTENDED, LARGE] = [3, 8, 14, 15, 16, 32] as const
const EXTENDED_LENGTH = 0x10
const [UNICAST, FLOWSPEC] = [1, 133] as const

type Attributes = ReadonlyMap<number, Buffer>

/** By what is matched: `203.0.113.10/32` or `4 0120cb...` in octets; what is said about it as text. */
export class BgpTable {
  readonly held = new Map<string, string>()
  /** Every announcement and withdrawal, in their order. */
  readonly said: string[] = []

  /** The body of an UPDATE. */
  update(body: Buffer): void {
    const withdrawn = body.readUInt16BE(0)
    const attributesAt = 4 + withdrawn
    const length = body.readUInt16BE(2 + withdrawn)
    const attributes = attributesOf(body.subarray(attributesAt, attributesAt + length))
    for (const key of prefixesOf(body.subarray(2, 2 + withdrawn), 4)) this.#withdraw(key)
    const says = communityText(attributes)
    const hop = attributes.get(NEXT_HOP)
    for (const key of prefixesOf(body.subarray(attributesAt + length), 4))
      this.#announce(key, `${addressText(hop ?? Buffer.alloc(4))}${says}`)
    const unreach = attributes.get(UNREACH)
    if (unreach !== undefined) for (const key of keysOf(unreach, 3)) this.#withdraw(key)
    const reach = attributes.get(REACH)
    if (reach === undefined) return
    const hopLength = reach[3] ?? 0
    const next = reach[2] === UNICAST ? addressText(reach.subarray(4, 4 + hopLength)) : ''
    for (const key of keysOf(reach, 5 + hopLength)) this.#announce(key, `${next}${says}`)
  }

  #announce(key: string, says: string): void {
    this.held.set(key, says.trim())
    this.said.push(`announce ${key}`)
  }

  #withdraw(key: string): void {
    this.held.delete(key)
    this.said.push(`withdraw ${key}`)
  }
}

/** Keys in MP_REACH_NLRI and MP_UNREACH_NLRI, which begin with a family. */
function keysOf(attribute: Buffer, from: number): string[] {
  const family = attribute.readUInt16BE(0) === 1 ? 4 : 6
  const nlri = attribute.subarray(from)
  return attribute[2] === FLOWSPEC ? rulesOf(nlri, family) : prefixesOf(nlri, family)
}

function prefixesOf(nlri: Buffer, family: 4 | 6): string[] {
  const prefixes: string[] = []
  const width = family === 4 ? 4 : 16
  for (let at = 0; at < nlri.length; ) {
    const bits = nlri[at] ?? 0
    const octets = Math.ceil(bits / 8)
    const address = Buffer.alloc(width)
    nlri.copy(address, 0, at + 1, at + 1 + octets)
    prefixes.push(`${addressText(address)}/${bits}`)
    at += 1 + octets
  }
  return prefixes
}

/** Each rule with its octets, length and all. */
function rulesOf(nlri: Buffer, family: 4 | 6): string[] {
  const rules: string[] = []
  for (let at = 0; at < nlri.length; ) {
    const first = nlri[at] ?? 0
    const size = first >= 0xf0 ? 2 + (nlri.readUInt16BE(at) & 0xfff) : 1 + first
    rules.push(`${family} ${nlri.subarray(at, at + size).toString('hex')}`)
    at += size
  }
  return rules
}

function communityText(attributes: Attributes): string {
  const words = [
    ...cut(attributes.get(COMMUNITIES), 4).map(part => `${part.readUInt16BE(0)}:${part.readUInt16BE(2)}`),
    ...cut(attributes.get(LARGE), 12).map(part => [0, 4, 8].map(from => part.readUInt32BE(from)).join(':')),
    ...cut(attributes.get(EXTENDED), 8).map(part => part.toString('hex')),
  ]
  return words.map(word => ` ${word}`).join('')
}

const cut = (bytes: Buffer = Buffer.alloc(0), size: number): Buffer[] =>
  Array.from({ length: bytes.length / size }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

const addressText = (bytes: Buffer): string =>
  formatAddress({ family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex')}`) })

/** Attributes by type (RFC 4271, section 4.3). */
export function attributesOf(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 2 < bytes.length; ) {
    const isLong = ((bytes[at] ?? 0) & EXTENDED_LENGTH) !== 0
    const length = isLong ? bytes.readUInt16BE(at + 2) : (bytes[at + 2] ?? 0)
    const from = at + (isLong ? 4 : 3)
    found.set(bytes[at + 1] ?? 0, bytes.subarray(from, from + length))
    at = from + length
  }
  return found
}
