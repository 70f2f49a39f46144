// The kind of a packet: each belongs to exactly one, by protocol, flags, ports and its first bytes. Vectors are made of kinds.

import { FLAG, type Sample } from '#2-decode/sample.ts'
import { AMPLIFIERS, amplifierOf } from './vectors-amplifiers.ts'
import { startsWith } from './vectors-payload.ts'

/** Kinds that are no amplification; those follow, in the order of `AMPLIFIERS`. */
export const KIND = {
  other: 0,
  tcpNull: 1,
  tcpXmas: 2,
  tcpImpossible: 3,
  syn: 4,
  synEcn: 5,
  synAck: 6,
  rst: 7,
  fin: 8,
  ack: 9,
  ackPayload: 10,
  webAnswer: 11,
  udp: 12,
  udpNull: 13,
  dnsQuery: 14,
  syslog: 15,
  icmpEcho: 16,
  icmpAnswer: 17,
  icmpLarge: 18,
  icmpOther: 19,
  firstFragment: 20,
  laterFragment: 21,
  extension: 22,
  gre: 23,
  esp: 24,
  ah: 25,
  ipInIp: 26,
  protocolZero: 27,
} as const
export const AMPLIFIER_KIND = 28
export const KINDS = AMPLIFIER_KIND + AMPLIFIERS.length

const { fin, syn, rst, psh, ack, urg } = FLAG
/** RFC 3168: ECE and CWR. */
export const ECN = 64 | 128
const LARGE_ICMP_BYTES = 1000
const SYSLOG_PORT = 514
export const DNS_PORT = 53

/** The kind of a sample whose transport payload lies from `at` to `end` in `frame` (equal when none was captured). */
export function kindOf(sample: Sample, frame: DataView, at: number, end: number): number {
  const { protocol, family, fragmentOffset } = sample
  if (fragmentOffset !== 0) return KIND.laterFragment
  if (family === 6 && hasExtensions(sample)) return KIND.extension
  switch (protocol) {
    case 6:
      return sample.isFragment === 1 ? KIND.firstFragment : tcpKind(sample, frame, at, end)
    case 17:
      return udpKind(sample, frame, at, end)
    case 1:
    case 58:
      return sample.isFragment === 1 ? KIND.firstFragment : icmpKind(sample)
    case 47:
      return KIND.gre
    case 50:
      return KIND.esp
    case 51:
      return KIND.ah
    case 4:
    case 41:
      return KIND.ipInIp
    case 0:
      return KIND.protocolZero
    default:
      return KIND.other
  }
}

const IPV6_HEADER_BYTES = 40
const FRAGMENT_HEADER_BYTES = 8

/** Headers between IPv6 and the transport other than one for fragments; multicast listeners' options are ordinary (RFC 3810). */
function hasExtensions({ protocol, icmpType, isFragment, transportOffset, ipOffset }: Sample): boolean {
  if (transportOffset === 0) return false
  const between = transportOffset - ipOffset - IPV6_HEADER_BYTES
  if (between <= (isFragment === 1 ? FRAGMENT_HEADER_BYTES : 0)) return false
  return !(protocol === 58 && ((icmpType >= 130 && icmpType <= 132) || icmpType === 143))
}

/** Flags that no TCP sends together, or that it never sends without ACK (RFC 9293, 3.10.7). */
function isImpossible(flags: number): boolean {
  if ((flags & syn) !== 0 && (flags & (fin | rst)) !== 0) return true
  if ((flags & fin) !== 0 && (flags & rst) !== 0) return true
  return (flags & (ack | syn | rst | fin)) === 0
}

function tcpKind(sample: Sample, frame: DataView, at: number, end: number): number {
  const flags = sample.tcpFlags
  const plain = flags & (fin | syn | rst | psh | ack | urg)
  if (plain === 0) return sample.isCut === 1 ? KIND.other : KIND.tcpNull
  if ((plain & (fin | psh | urg)) === (fin | psh | urg)) return KIND.tcpXmas
  if (isImpossible(plain)) return KIND.tcpImpossible
  if ((plain & rst) !== 0) return KIND.rst
  if ((plain & syn) !== 0) {
    if ((plain & ack) !== 0) return isWebAnswer(sample, frame, at, end) ? KIND.webAnswer : KIND.synAck
    return (flags & ECN) === ECN ? KIND.synEcn : KIND.syn
  }
  if (isWebAnswer(sample, frame, at, end)) return KIND.webAnswer
  if ((plain & fin) !== 0) return KIND.fin
  return end > at ? KIND.ackPayload : KIND.ack
}

/** What a box between client and server answers in the server's name: a page, a redirect, or a TLS alert. */
function isWebAnswer({ sourcePort }: Sample, frame: DataView, at: number, end: number): boolean {
  if (sourcePort === 443) return end - at >= 3 && frame.getUint8(at) === 21 && frame.getUint8(at + 1) === 3
  if (sourcePort !== 80 && sourcePort !== 8080) return false
  return startsWith(frame, at, end, 'HTTP') || startsWith(frame, at, end, '<')
}

function udpKind(sample: Sample, frame: DataView, at: number, end: number): number {
  const amplifier = amplifierOf(sample.sourcePort, frame, at, end)
  if (amplifier >= 0) return AMPLIFIER_KIND + amplifier
  if (sample.isFragment === 1) return KIND.firstFragment
  if (sample.targetPort === DNS_PORT && isDnsQuery(frame, at, end)) return KIND.dnsQuery
  if (sample.targetPort === SYSLOG_PORT && isSyslog(frame, at, end)) return KIND.syslog
  return isNull(sample, frame, at, end) ? KIND.udpNull : KIND.udp
}

/** A header with one question and QR clear (RFC 1035, 4.1.1). */
const isDnsQuery = (frame: DataView, at: number, end: number): boolean =>
  end - at > 12 && (frame.getUint8(at + 2) & 0xf8) === 0 && frame.getUint16(at + 4) === 1

/** A priority in angle brackets (RFC 5424, 6.2.1). */
function isSyslog(frame: DataView, at: number, end: number): boolean {
  if (end - at < 4 || frame.getUint8(at) !== 0x3c) return false
  const digit = frame.getUint8(at + 1)
  return digit >= 0x30 && digit <= 0x39
}

const NULL_BYTES = 16
const UDP_HEADER_BYTES = 8

/** No payload, or only zeros as far as looked at. */
function isNull(sample: Sample, frame: DataView, at: number, end: number): boolean {
  if (sample.isCut === 1 || sample.transportOffset === 0) return false
  if (end === at) return sample.ipOffset + sample.ipLength === sample.transportOffset + UDP_HEADER_BYTES
  const last = Math.min(end, at + NULL_BYTES)
  for (let i = at; i < last; i++) if (frame.getUint8(i) !== 0) return false
  return true
}

function icmpKind({ protocol, icmpType, ipLength }: Sample): number {
  if (ipLength > LARGE_ICMP_BYTES) return KIND.icmpLarge
  if (protocol === 1) {
    if (icmpType === 8) return KIND.icmpEcho
    return icmpType === 0 ? KIND.icmpAnswer : KIND.icmpOther
  }
  if (icmpType === 128) return KIND.icmpEcho
  return icmpType === 129 ? KIND.icmpAnswer : KIND.icmpOther
}
