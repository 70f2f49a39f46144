// Which of several sockets on one port gets a datagram: the one that the sender's address chooses (SO_ATTACH_REUSEPORT_CBPF).
//
// The kernel would choose by address and port of both ends. An exporter that sends from several ports would then be split,
// and records would come to a worker that has never seen their template.

import type { Instruction } from '#1-capture/af-packet/filter.ts'

/** Loads from this place on read the network header (SKF_NET_OFF). */
const NETWORK = 0xfff0_0000
const VERSION_SHIFT = 4
const IPV4_SOURCE = NETWORK + 12
const IPV6_SOURCE = NETWORK + 8

/** Codes of classic BPF (linux/bpf_common.h). */
const LOAD_BYTE = 0x30
const LOAD_WORD = 0x20
const SHIFT_RIGHT = 0x74
const MULTIPLY = 0x24
const MODULO = 0x94
const XOR_INDEX = 0xac
const ACCUMULATOR_TO_INDEX = 0x07
const JUMP_IF_EQUAL = 0x15
const JUMP = 0x05
const RETURN_ACCUMULATOR = 0x16

/** Knuth's multiplicative hash; its high half is what is mixed best. */
const MULTIPLIER = 0x9e37_79b1
const HALF = 16

/** The program that gives the number of the socket, 0 to `sockets` - 1, in the order in which they were bound. */
export function chooseByAddress(sockets: number): Instruction[] {
  const foldIpv6: Instruction[] = [0, 4, 8, 12].flatMap((place): Instruction[] =>
    place === 0
      ? [[LOAD_WORD, 0, 0, IPV6_SOURCE]]
      : [
          [ACCUMULATOR_TO_INDEX, 0, 0, 0],
          [LOAD_WORD, 0, 0, IPV6_SOURCE + place],
          [XOR_INDEX, 0, 0, 0],
        ],
  )
  return [
    [LOAD_BYTE, 0, 0, NETWORK],
    [SHIFT_RIGHT, 0, 0, VERSION_SHIFT],
    [JUMP_IF_EQUAL, 0, 2, 4],
    [LOAD_WORD, 0, 0, IPV4_SOURCE],
    [JUMP, 0, 0, foldIpv6.length],
    ...foldIpv6,
    [MULTIPLY, 0, 0, MULTIPLIER],
    [SHIFT_RIGHT, 0, 0, HALF],
    [MODULO, 0, 0, sockets],
    [RETURN_ACCUMULATOR, 0, 0, 0],
  ]
}
