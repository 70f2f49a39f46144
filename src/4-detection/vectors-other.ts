// The rows of UDP, ICMP, fragments and the rarer protocols.

import { AMPLIFIERS } from './vectors-amplifiers.ts'
import { AMPLIFIER_KIND, KIND } from './vectors-kinds.ts'
import { type Candidate, peersSentence, percent, type Vector, WORDS, whole } from './vectors-match.ts'

const HALF = 0.5
/** Lengths within one byte of each other are one length. */
const SAME_SPREAD_BYTES = 1
const FIXED_SAMPLES_MIN = 16
/** Of queries: so many ask for a name of its own, below so few parents. */
const NEW_NAMES = 0.8
const QUERIES_MIN = 64
const FEW_PARENTS = 0.15
const RANDOM_PROTOCOLS = 8

const unanswered = (
  { shape }: Candidate,
  ...classes: Parameters<typeof shape.answered>[0] & object
): number => 1 - shape.answered(classes.length === 0 ? undefined : classes)
const answerSentence = (candidate: Candidate): string =>
  `${percent(unanswered(candidate))} of the packets are of peers to which nothing goes`
const lengthSentence = ({ meanBytes }: Candidate): string => `mean length ${whole(meanBytes)} bytes`

const UDP_KINDS = [KIND.udpNull, KIND.udp, KIND.dnsQuery, ...AMPLIFIERS.map((_, at) => AMPLIFIER_KIND + at)]

type Plain = Pick<Vector, 'name' | 'title' | 'kinds' | 'condition' | 'holds' | 'match'>

const base = {
  minimumShare: 0.25,
  reasons: (candidate: Candidate) => [
    lengthSentence(candidate),
    peersSentence(candidate),
    answerSentence(candidate),
  ],
  sureness: () => 0.9,
} as const

const udp = (row: Plain): Vector => ({
  ...base,
  fields: ['protocol', 'length', 'payload', 'sources'],
  ...WORDS.udp,
  ...row,
})
const icmp = (row: Plain): Vector => ({
  ...base,
  fields: ['protocol', 'ICMP type', 'length'],
  ...WORDS.icmp,
  ...row,
})
const protocol = (name: string, title: string, kind: number, number: number): Vector => ({
  ...base,
  name,
  title,
  kinds: [kind],
  condition: `protocol ${number}, and nothing goes to half of the senders`,
  holds: candidate => unanswered(candidate, 'rest') >= HALF,
  fields: ['protocol', 'sources'],
  ...WORDS.other,
  match: { protocol: number },
})

export const DNS_VECTORS: readonly Vector[] = [
  {
    ...udp({
      name: 'dns-water-torture',
      title: 'DNS queries for names that do not exist',
      kinds: [KIND.dnsQuery],
      condition: 'queries of which 80 % or more ask for a new name, below few parents',
      holds: ({ shape, samples }) =>
        samples >= QUERIES_MIN &&
        shape.dnsNames.estimate >= samples * NEW_NAMES &&
        shape.dnsParents.estimate <= Math.max(2, samples * FEW_PARENTS),
      match: { protocol: 17 },
    }),
    fields: ['protocol', 'target port', 'query name'],
    reasons: ({ shape, samples }) => [
      `about ${whole(shape.dnsNames.estimate)} different names below ${whole(shape.dnsParents.estimate)} parents in ${whole(samples)} queries`,
    ],
  },
]

export const FRAGMENT_VECTORS: readonly Vector[] = [
  {
    ...base,
    name: 'fragment-flood',
    title: 'fragments of no complete packet',
    kinds: [KIND.firstFragment, KIND.laterFragment],
    condition: 'fragments of no amplification, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate) >= HALF,
    fields: ['fragment', 'sources'],
    ...WORDS.fragments,
    match: { fragments: 'any' },
  },
]

export const UDP_VECTORS: readonly Vector[] = [
  udp({
    name: 'udp-null-flood',
    title: 'UDP without payload, or with zeros',
    kinds: [KIND.udpNull],
    condition: 'no payload or only zeros, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate, 'udp') >= HALF,
    match: { protocol: 17 },
  }),
  {
    ...udp({
      name: 'udp-fixed-length-flood',
      title: 'UDP of one length',
      kinds: UDP_KINDS,
      condition: 'all packets are equally long, and nothing goes to half of the senders',
      holds: candidate =>
        candidate.samples >= FIXED_SAMPLES_MIN &&
        candidate.spreadBytes <= SAME_SPREAD_BYTES &&
        unanswered(candidate, 'udp') >= HALF,
      match: { protocol: 17 },
    }),
  },
  udp({
    name: 'udp-flood',
    title: 'UDP flood',
    kinds: UDP_KINDS,
    condition: 'UDP of no other vector, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate, 'udp') >= HALF,
    match: { protocol: 17 },
  }),
]

export const ICMP_VECTORS: readonly Vector[] = [
  icmp({
    name: 'icmp-large-flood',
    title: 'large ICMP packets',
    kinds: [KIND.icmpLarge],
    condition: 'ICMP or ICMPv6 longer than 1,000 bytes; monitoring sends short ones',
    holds: () => true,
    match: { protocol: 1, lengths: { from: 1001, to: 65_535 } },
  }),
  icmp({
    name: 'icmp-echo-flood',
    title: 'ICMP echo requests',
    kinds: [KIND.icmpEcho, KIND.icmpLarge],
    condition: 'echo requests of ICMP or ICMPv6',
    holds: () => true,
    match: { protocol: 1, icmpType: 8 },
  }),
  icmp({
    name: 'icmp-reply-flood',
    title: 'ICMP echo replies nobody asked for',
    kinds: [KIND.icmpAnswer],
    condition: 'echo replies, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate, 'rest') >= HALF,
    match: { protocol: 1, icmpType: 0 },
  }),
  icmp({
    name: 'icmp-other-flood',
    title: 'other ICMP messages',
    kinds: [KIND.icmpOther],
    condition: 'messages that are no echo, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate, 'rest') >= HALF,
    match: { protocol: 1 },
  }),
]

export const PROTOCOL_VECTORS: readonly Vector[] = [
  protocol('gre-flood', 'GRE flood', KIND.gre, 47),
  protocol('esp-flood', 'ESP flood', KIND.esp, 50),
  protocol('ah-flood', 'AH flood', KIND.ah, 51),
  protocol('ipip-flood', 'IP in IP flood', KIND.ipInIp, 4),
  protocol('protocol-zero-flood', 'flood of protocol 0', KIND.protocolZero, 0),
  {
    ...protocol('random-protocol-flood', 'protocol numbers drawn at random', KIND.other, 255),
    kinds: [KIND.other, KIND.gre, KIND.esp, KIND.ah, KIND.ipInIp, KIND.protocolZero],
    condition:
      'at least eight protocols besides TCP, UDP and ICMP, none of them half, and nothing goes to half of the senders',
    holds: candidate => {
      const { shape, packets } = candidate
      const strange = shape.protocols.entries().filter(({ value }) => ![1, 6, 17, 58].includes(value))
      const isMixed = strange.length >= RANDOM_PROTOCOLS && strange[0]!.weight < packets * HALF
      return isMixed && unanswered(candidate, 'rest') >= HALF
    },
    reasons: candidate => [
      `${whole(candidate.shape.protocols.size)} or more different protocols`,
      answerSentence(candidate),
    ],
    match: {},
  },
  {
    ...protocol('other-protocol-flood', 'flood of another protocol', KIND.other, 255),
    condition: 'a protocol other than those above, and nothing goes to half of the senders',
    reasons: candidate => [
      `most packets are of protocol ${candidate.shape.protocols.top.value}`,
      ...base.reasons(candidate),
    ],
    match: {},
  },
]

export const EXTENSION_VECTORS: readonly Vector[] = [
  {
    ...base,
    name: 'ipv6-extension-flood',
    title: 'IPv6 behind extension headers',
    kinds: [KIND.extension],
    condition: 'extension headers other than a fragment header, and nothing goes to half of the senders',
    holds: candidate => unanswered(candidate) >= HALF,
    fields: ['IPv6 extension headers', 'sources'],
    ...WORDS.udp,
    match: {},
  },
]
