// What every row of the table of vectors says, and the words other programs have for it.

import type { AttackProtocol, AttackType } from './attack.ts'
import type { TrafficShape } from './shape.ts'

/** Fields a packet of the vector has in common with the others: where a rule against it may begin (RFC 8955, 4.2). */
export interface VectorMatch {
  readonly protocol?: number
  readonly sourcePort?: number
  /** IP length in bytes, both included. */
  readonly lengths?: { readonly from: number; readonly to: number }
  /** Bits of the TCP flags byte that are looked at, and what they are. */
  readonly tcpFlags?: { readonly mask: number; readonly value: number }
  readonly fragments?: 'first' | 'later' | 'any'
  readonly icmpType?: number
}

/** The traffic a row is asked about: the kinds it is made of, without those that rows above it took. */
export interface Candidate {
  readonly shape: TrafficShape
  readonly samples: number
  readonly packets: number
  readonly bytes: number
  readonly meanBytes: number
  readonly spreadBytes: number
  /** 0 to 1, of all packets. */
  readonly packetShare: number
  /** 0 to 1, of all bytes. */
  readonly byteShare: number
  /** Packets of all kinds of TCP. */
  readonly tcpPackets: number
  /** Later fragments that are counted in because first ones of the same service were seen, in packets. */
  readonly fragmentPackets: number
}

export interface Vector {
  readonly name: string
  readonly title: string
  readonly kinds: readonly number[]
  /** Of all packets or of all bytes, whichever is more. */
  readonly minimumShare: number
  readonly holds: (candidate: Candidate) => boolean
  /** What `holds` asks for, for people. */
  readonly condition: string
  /** Sentences with figures, beside the one on the share. */
  readonly reasons: (candidate: Candidate) => readonly string[]
  /** Fields that prove it. */
  readonly fields: readonly string[]
  /** 0 to 1: how sure the fields are that it is this and nothing else. */
  readonly sureness: (candidate: Candidate) => number
  /** What FastNetMon 1.2.4 calls an attack of this alone. */
  readonly fastnetmon: { readonly type: AttackType; readonly protocol: AttackProtocol }
  /** prefixd's word. */
  readonly prefixd: 'udp_flood' | 'syn_flood' | 'ack_flood' | 'icmp_flood' | 'unknown'
  readonly match: VectorMatch
  /** Trailing fragments of the same service belong to it. */
  readonly amplifier?: number
}

export const WORDS = {
  syn: { fastnetmon: { type: 'syn_flood', protocol: 'tcp' }, prefixd: 'syn_flood' },
  ack: { fastnetmon: { type: 'unknown', protocol: 'tcp' }, prefixd: 'ack_flood' },
  tcp: { fastnetmon: { type: 'unknown', protocol: 'tcp' }, prefixd: 'unknown' },
  udp: { fastnetmon: { type: 'udp_flood', protocol: 'udp' }, prefixd: 'udp_flood' },
  icmp: { fastnetmon: { type: 'icmp_flood', protocol: 'icmp' }, prefixd: 'icmp_flood' },
  fragments: { fastnetmon: { type: 'ip_fragmentation', protocol: 'udp' }, prefixd: 'udp_flood' },
  other: { fastnetmon: { type: 'unknown', protocol: 'tcp' }, prefixd: 'unknown' },
} as const satisfies Record<string, Pick<Vector, 'fastnetmon' | 'prefixd'>>

/** A whole number with thousands parted by commas. */
export const whole = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')

export const percent = (share: number): string => `${Math.round(share * 100)} %`

export const peersSentence = ({ shape }: Candidate): string =>
  `${shape.isIncoming ? 'from' : 'to'} about ${whole(shape.peers.estimate)} addresses in ${whole(shape.samples)} samples`
