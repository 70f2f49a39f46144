// A BGP UPDATE with one FlowSpec rule, and a capture file that carries it, for programs that read them.

import { writeFileSync } from 'node:fs'
import { encodeActions } from '#lib/flowspec/communities.ts'
import { encodeNlri } from '#lib/flowspec/encode.ts'
import type { Rule } from '#lib/flowspec/rule.ts'

const FLOWSPEC = 133

/** RFC 4271, section 4.3; RFC 4760, section 3; RFC 4360. */
export function updateOf(rule: Rule): Uint8Array {
  const reach = [0, rule.family === 4 ? 1 : 2, FLOWSPEC, 0, 0, ...encodeNlri(rule)]
  const { extended, ipv6 } = encodeActions(rule.actions)
  const attributes = [
    ...attribute(0x40, 1, [0]),
    ...attribute(0x40, 2, []),
    ...attribute(0x40, 5, [0, 0, 0, 100]),
    ...attribute(0x80, 14, reach),
    ...attribute(
      0xc0,
      16,
      extended.flatMap(bytes => [...bytes]),
    ),
    ...attribute(
      0xc0,
      25,
      ipv6.flatMap(bytes => [...bytes]),
    ),
  ]
  const body = [0, 0, ...two(attributes.length), ...attributes]
  return Uint8Array.from([...Array<number>(16).fill(255), ...two(19 + body.length), 2, ...body])
}

/** One packet from and to port 179, without a link layer (LINKTYPE_RAW). */
export function writeUpdatePcap(path: string, update: Uint8Array): void {
  const tcp = [...two(179), ...two(179), 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 255, 255, 0, 0, 0, 0, ...update]
  const length = 20 + tcp.length
  const packet = [0x45, 0, ...two(length), 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, ...tcp]
  const head = Uint32Array.from([0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 101, 1_767_225_600, 0, length, length])
  writeFileSync(path, Buffer.concat([Buffer.from(head.buffer), Buffer.from(packet)]))
}

const two = (value: number) => [value >> 8, value & 255]

/** Always with two octets of length. Empty ones are left out, but for the path, which may be empty. */
function attribute(flags: number, type: number, value: readonly number[]): number[] {
  return value.length === 0 && type !== 2 ? [] : [flags | 0x10, type, ...two(value.length), ...value]
}
