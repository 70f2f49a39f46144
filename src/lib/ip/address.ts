// IP addresses as numbers and as text (RFC 4291, RFC 5952). For control paths; hot paths keep 32-bit words.

/** An address: IPv4 in 32 bits, IPv6 in 128 bits, most significant first. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

const BITS = { 4: 32, 6: 128 } as const

/** Number of bits of an address of the family. */
export const bitsOf = (family: 4 | 6): 32 | 128 => BITS[family]

/** Reads an address; `undefined` when the text is none (no zone, no brackets, no leading zeros in IPv4). */
export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

const [ZERO, NINE, DOT] = [0x30, 0x39, 0x2e]

/** Each event and each row of a list is asked: character by character, for parts of the text would all be garbage. */
function parseIpv4(text: string): Address | undefined {
  // A list of networks may hold 65,536 of these; plain numbers are several times faster than bigint here.
  let value = 0
  let octet = -1
  let dots = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      if (octet < 0) return undefined
      value = value * 256 + octet
      octet = -1
      dots++
    } else if (code >= ZERO && code <= NINE && octet !== 0) {
      octet = Math.max(octet, 0) * 10 + code - ZERO
      if (octet > 255) return undefined
    } else return undefined
  }
  return dots === 3 && octet >= 0 ? { family: 4, value: BigInt(value * 256 + octet) } : undefined
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const first = groupsOf(halves[0] ?? '', halves.length === 1)
  const last = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : []
  if (first === undefined || last === undefined) return undefined
  const gap = 8 - first.length - last.length
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined
  let value = 0n
  for (const group of [...first, ...Array<number>(gap).fill(0), ...last])
    value = (value << 16n) | BigInt(group)
  return { family: 6, value }
}

/** 16-bit groups of one half; only the end of an address may hold a dotted IPv4 part. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = mayEndInIpv4 && at === parts.length - 1 ? parseIpv4(part) : undefined
      if (v4 === undefined) return undefined
      groups.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn))
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

/** Canonical text: dotted for IPv4, RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(groups16(address.value))
}

function formatIpv4(value: bigint): string {
  const number = Number(value)
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
}

function groups16(value: bigint): number[] {
  const groups: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn))
  return groups
}

function formatIpv6(groups: readonly number[], width = 1): string {
  // IPv4-mapped addresses keep their dotted end (RFC 5952, section 5).
  if (width === 1 && groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4((BigInt(groups[6] ?? 0) << 16n) | BigInt(groups[7] ?? 0))}`
  }
  const text = groups.map(group => group.toString(16).padStart(width, '0'))
  const { first, length } = longestZeros(groups)
  if (length < 2) return text.join(':')
  return `${text.slice(0, first).join(':')}::${text.slice(first + length).join(':')}`
}

function longestZeros(groups: readonly number[]): { first: number; length: number } {
  let best = { first: 0, length: 0 }
  for (let first = 0; first < groups.length; first++) {
    let length = 0
    while (groups[first + length] === 0) length++
    if (length > best.length) best = { first, length }
  }
  return best
}

/** IPv6 with four digits in each group and the longest run of zeros left out, as FastNetMon writes it (`2001:0db8:0099::0001`); IPv4 dotted. */
export function formatPadded(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(groups16(address.value), 4)
}
