// The rows of TCP: floods by their flags, reflections, and the scan that only looks like one.

import { FLAG } from '#2-decode/sample.ts'
import { ECN, KIND } from './vectors-kinds.ts'
import { type Candidate, peersSentence, percent, type Vector, WORDS, whole } from './vectors-match.ts'

const { fin, syn, rst, psh, ack, urg } = FLAG
const ALL_FLAGS = fin | syn | rst | psh | ack | urg

/** Of TCP's packets. A crowd of honest clients that each fetch one small page send one SYN in six packets. */
const SYN_SHARE = 0.35
const HALF = 0.5
/** Few addresses that try many ports (or many addresses tried) are a search. */
const SCANNERS_MAX = 4
const EACH_NEW = 0.5
/** What floods outwards has few targets. */
const TARGETS_MAX = 16

export const TCP_KINDS = [
  KIND.tcpNull,
  KIND.tcpXmas,
  KIND.tcpImpossible,
  KIND.syn,
  KIND.synEcn,
  KIND.synAck,
  KIND.rst,
  KIND.fin,
  KIND.ack,
  KIND.ackPayload,
  KIND.webAnswer,
]

const ofTcp = ({ packets, tcpPackets }: Candidate): number => (tcpPackets === 0 ? 0 : packets / tcpPackets)
const unanswered = ({ shape }: Candidate): number => 1 - shape.answered(['tcp'])
const answerSentence = (candidate: Candidate): string =>
  `${percent(unanswered(candidate))} of TCP packets are of peers to which nothing but resets goes`
const tcpSentence = (candidate: Candidate): string => `${percent(ofTcp(candidate))} of all TCP packets`

function isScan({ shape }: Candidate): boolean {
  const peers = shape.peers.estimate
  const { samples } = shape
  if (shape.isIncoming) return peers <= SCANNERS_MAX && shape.targetPortsSeen.estimate >= samples * EACH_NEW
  return peers >= samples * EACH_NEW
}

/** SYNs as no crowd sends them. A host of ours that begins many connections and is answered by many is a client. */
function isSynFlood(candidate: Candidate): boolean {
  if (ofTcp(candidate) < SYN_SHARE) return false
  const { isIncoming, peers } = candidate.shape
  return isIncoming || peers.estimate <= TARGETS_MAX || unanswered(candidate) >= HALF
}

const flags = (value: number, mask = ALL_FLAGS): Vector['match'] => ({
  protocol: 6,
  tcpFlags: { mask, value },
})

/** A flood of one combination of flags. */
const flood = (row: Pick<Vector, 'name' | 'title' | 'kinds' | 'condition' | 'holds' | 'match'>): Vector => ({
  minimumShare: 0.25,
  reasons: candidate => [tcpSentence(candidate), peersSentence(candidate)],
  fields: ['protocol', 'TCP flags', 'sources'],
  sureness: () => 1,
  ...WORDS.tcp,
  ...row,
})

export const TCP_VECTORS: readonly Vector[] = [
  flood({
    name: 'null-flood',
    title: 'TCP without any flag',
    kinds: [KIND.tcpNull],
    condition: 'no flag is set, which no TCP does',
    holds: () => true,
    match: flags(0),
  }),
  flood({
    name: 'xmas-flood',
    title: 'TCP with FIN, PSH and URG',
    kinds: [KIND.tcpXmas],
    condition: 'FIN, PSH and URG together',
    holds: () => true,
    match: flags(fin | psh | urg, fin | psh | urg),
  }),
  flood({
    name: 'impossible-flags-flood',
    title: 'TCP with flags that exclude each other',
    kinds: [KIND.tcpImpossible],
    condition: 'SYN with FIN or RST, FIN with RST, or PSH or URG alone',
    holds: () => true,
    match: { protocol: 6 },
  }),
  {
    ...flood({
      name: 'syn-scan',
      title: 'search for open ports with SYN',
      kinds: [KIND.syn, KIND.synEcn],
      condition: 'SYNs of at most 4 senders to ever new ports; outgoing, to ever new addresses',
      holds: candidate => isScan(candidate) && isSynFlood(candidate),
      match: flags(syn, syn | ack),
    }),
    ...WORDS.syn,
    fields: ['protocol', 'TCP flags', 'sources', 'target ports'],
    reasons: candidate => [
      tcpSentence(candidate),
      peersSentence(candidate),
      `about ${whole(candidate.shape.targetPortsSeen.estimate)} target ports`,
    ],
  },
  {
    ...flood({
      name: 'syn-ecn-flood',
      title: 'SYN with ECE and CWR',
      kinds: [KIND.synEcn],
      condition: '35 % of TCP or more are SYNs with both bits of ECN',
      holds: isSynFlood,
      match: flags(syn | ECN, syn | ack | ECN),
    }),
    ...WORDS.syn,
  },
  {
    ...flood({
      name: 'syn-flood',
      title: 'TCP SYN flood',
      kinds: [KIND.syn, KIND.synEcn],
      condition: '35 % of TCP or more are SYNs; of a crowd of clients it is about 17 %',
      holds: isSynFlood,
      match: flags(syn, syn | ack),
    }),
    ...WORDS.syn,
  },
  {
    ...flood({
      name: 'syn-ack-reflection',
      title: 'SYN-ACKs to connections nobody began',
      kinds: [KIND.synAck],
      condition: '35 % of TCP or more are SYN-ACKs, and the host did not talk to half of the senders',
      holds: candidate => ofTcp(candidate) >= SYN_SHARE && unanswered(candidate) >= HALF,
      match: flags(syn | ack, syn | ack),
    }),
    // FastNetMon counts every packet with the SYN flag as SYN.
    ...WORDS.syn,
    reasons: candidate => [tcpSentence(candidate), peersSentence(candidate), answerSentence(candidate)],
  },
  flood({
    name: 'tcp-middlebox-reflection',
    title: 'answers of boxes that speak for a web server',
    kinds: [KIND.webAnswer],
    condition:
      'pages or TLS alerts from port 80, 8080 or 443 to a host that did not talk to half of the senders',
    holds: candidate => unanswered(candidate) >= HALF,
    match: { protocol: 6, sourcePort: 80, tcpFlags: { mask: ack, value: ack } },
  }),
  flood({
    name: 'rst-flood',
    title: 'TCP RST flood',
    kinds: [KIND.rst],
    condition: 'half of TCP or more are resets, and the host did not talk to half of the senders',
    holds: candidate => ofTcp(candidate) >= HALF && unanswered(candidate) >= HALF,
    match: flags(rst, rst),
  }),
  flood({
    name: 'fin-flood',
    title: 'TCP FIN flood',
    kinds: [KIND.fin],
    condition: 'half of TCP or more are FINs; of connections that end it is about 17 %',
    holds: candidate => ofTcp(candidate) >= HALF,
    match: flags(fin, fin | syn | rst),
  }),
  {
    ...flood({
      name: 'ack-flood',
      title: 'TCP ACK flood',
      kinds: [KIND.ack, KIND.ackPayload, KIND.webAnswer],
      condition: 'ACKs of connections that do not exist: the host does not talk to half of the senders',
      holds: candidate => ofTcp(candidate) >= HALF && unanswered(candidate) >= HALF,
      match: flags(ack, ack | syn | fin | rst),
    }),
    ...WORDS.ack,
    sureness: () => 0.8,
    reasons: candidate => [
      `mean length ${whole(candidate.meanBytes)} bytes`,
      peersSentence(candidate),
      answerSentence(candidate),
    ],
  },
]
