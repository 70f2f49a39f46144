// Packets towards hosts as the Internet has them, in rough shares: what is assumed of a target while little is known of it.
//
// The figures are orders of magnitude, by no measurement of ours. Nothing depends on their second digit: they count as much
// as fifteen calm samples.

import { TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMP_V6 = 58
const { fin, syn, rst, psh, ack, ece, cwr } = TCP_FLAG_BITS

export const PROTOCOL_SHARES: readonly (readonly [protocol: number, share: number])[] = [
  [TCP, 0.7],
  [UDP, 0.25],
  [ICMP, 0.04],
  [ICMP_V6, 0.04],
  // A host of which nothing is known may be the end of tunnels.
  [4, 0.02],
  [41, 0.02],
  [47, 0.02],
  [50, 0.02],
  [51, 0.02],
]
/** All other protocols together. */
export const OTHER_PROTOCOLS = 0.01

/** A part of the packets, with its lengths. */
export interface Kind {
  readonly share: number
  readonly lengths: LengthsName
}

/** By flags, as connections have them. */
export const TCP_KINDS: readonly (Kind & { readonly flags: number })[] = [
  { flags: ack, share: 0.5, lengths: 'mixed' },
  { flags: psh | ack, share: 0.28, lengths: 'mixed' },
  { flags: syn, share: 0.1, lengths: 'options' },
  { flags: syn | ece | cwr, share: 0.02, lengths: 'options' },
  { flags: syn | ack, share: 0.04, lengths: 'options' },
  { flags: fin | ack, share: 0.04, lengths: 'bare' },
  { flags: fin | psh | ack, share: 0.01, lengths: 'mixed' },
  { flags: rst, share: 0.01, lengths: 'bare' },
  { flags: rst | ack, share: 0.01, lengths: 'bare' },
]

/** Honest answers, by the ports they come from. */
export const ANSWERS: Readonly<Record<number, readonly (Kind & { readonly port: number })[]>> = {
  [TCP]: [
    { port: 443, share: 0.15, lengths: 'mixed' },
    { port: 80, share: 0.05, lengths: 'mixed' },
    { port: 22, share: 0.02, lengths: 'mixed' },
    { port: 25, share: 0.02, lengths: 'mixed' },
  ],
  [UDP]: [
    { port: 53, share: 0.1, lengths: 'names' },
    { port: 443, share: 0.2, lengths: 'datagrams' },
    { port: 123, share: 0.03, lengths: 'time' },
    { port: 4500, share: 0.02, lengths: 'datagrams' },
    { port: 3478, share: 0.02, lengths: 'datagrams' },
    { port: 5060, share: 0.02, lengths: 'datagrams' },
  ],
}

export type LengthsName = 'options' | 'bare' | 'mixed' | 'datagrams' | 'names' | 'time' | 'echo' | 'tunnel'

/** `any`: what each length has at least, because it may be the one length that a service has. */
interface Lengths {
  readonly any: number
  /** Pieces of even density. */
  readonly pieces: readonly (readonly [from: number, to: number, share: number])[]
}

const SURELY_NONE = 1e-5
/** Calls, games and tunnels send datagrams of one length or a few. */
const FIXED = 0.04

export const LENGTHS: Readonly<Record<LengthsName, Lengths>> = {
  // A stack that begins a connection sends options.
  options: {
    any: SURELY_NONE,
    pieces: [
      [40, 43, 0.005],
      [44, 44, 0.1],
      [48, 48, 0.1],
      [52, 52, 0.25],
      [60, 60, 0.35],
      [64, 64, 0.1],
      [45, 80, 0.095],
    ],
  },
  bare: {
    any: SURELY_NONE,
    pieces: [
      [40, 40, 0.5],
      [52, 52, 0.4],
      [41, 80, 0.1],
    ],
  },
  mixed: {
    any: SURELY_NONE,
    pieces: [
      [40, 40, 0.15],
      [52, 52, 0.25],
      [41, 100, 0.1],
      [101, 1000, 0.2],
      [1001, 1500, 0.1],
      [1400, 1400, 0.01],
      [1420, 1420, 0.02],
      [1480, 1480, 0.02],
      [1492, 1492, 0.03],
      [1500, 1500, 0.12],
    ],
  },
  datagrams: {
    any: FIXED,
    pieces: [
      [28, 100, 0.3],
      [101, 600, 0.25],
      [601, 1500, 0.45],
    ],
  },
  names: {
    any: SURELY_NONE,
    pieces: [
      [45, 512, 0.96],
      [513, 1260, 0.035],
      [1261, 1500, 0.005],
    ],
  },
  time: {
    any: SURELY_NONE,
    pieces: [
      [76, 96, 0.98],
      [48, 1500, 0.02],
    ],
  },
  echo: {
    any: SURELY_NONE,
    pieces: [
      [28, 100, 0.35],
      [60, 60, 0.2],
      [84, 84, 0.4],
      [101, 1500, 0.05],
    ],
  },
  tunnel: { any: 0.3, pieces: [[20, 1500, 0.7]] },
}

export const FIRST_EPHEMERAL = 1024
/** Of the packets to a server so many go to a service of it. */
export const TO_SERVICES = 0.7
/** Of the packets to a client so many are answers to it. Nobody says which of both a host is, so these are more than all. */
export const TO_CLIENTS = 0.7
export const FRAGMENTED = 0.03
export const FROM_ONE_NETWORK = 0.01
