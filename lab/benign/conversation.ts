// TCP as honest hosts speak it, seen on a mirror port: packets of both directions of many conversations, in order.

import type { Layer, TcpFlag } from '../layer.ts'
import type { Draw } from '../vectors/draw.ts'

/** One packet: to us or from us, with which peer. */
export interface Spoken {
  readonly isToUs: boolean
  readonly peer: string
  readonly peerPort: number
  readonly ownPort: number
  readonly flags: readonly TcpFlag[]
  readonly payload: number
}

/** A side of a conversation that is in progress: what is still to be said. */
interface Talk {
  readonly peer: string
  readonly peerPort: number
  readonly ownPort: number
  /** What is said, as a list that is read from its end. */
  readonly script: Line[]
}

interface Line {
  readonly isToUs: boolean
  readonly flags: readonly TcpFlag[]
  readonly payload: number
}

export interface Manners {
  /** Peers to draw from. */
  readonly peers: readonly string[]
  /** Conversations at once. */
  readonly atOnce: number
  /** Who opens them: clients come to our port, or our host goes to theirs. */
  readonly opens: 'peer' | 'us'
  readonly servicePorts: readonly [number, ...number[]]
  /** Full segments of the answer or of what is sent, least and most. */
  readonly segments: readonly [least: number, most: number]
  /** Whether the bulk of it comes to us. */
  readonly isBulkToUs: boolean
  /** Segments that one ACK answers: two without offloading. */
  readonly segmentsPerAck: number
}

const FULL = 1448
const SYN: readonly TcpFlag[] = ['syn']
const SYN_ACK: readonly TcpFlag[] = ['syn', 'ack']
const PLAIN: readonly TcpFlag[] = ['ack']
const PUSH: readonly TcpFlag[] = ['psh', 'ack']
const END: readonly TcpFlag[] = ['fin', 'ack']

/** Packets without end: the conversations take turns, and one that is over makes room for the next. */
export function* speak(manners: Manners, draw: Draw): Generator<Spoken> {
  const talks = Array.from({ length: manners.atOnce }, () => begin(manners, draw))
  // They did not all begin at once: most are somewhere in the middle.
  for (const talk of talks) talk.script.length = Math.max(1, draw.below(talk.script.length))
  for (;;) {
    const at = draw.below(talks.length)
    const talk = talks[at]
    const line = talk?.script.pop()
    if (talk === undefined || line === undefined) {
      talks[at] = begin(manners, draw)
      continue
    }
    const { peer, peerPort, ownPort } = talk
    yield { ...line, peer, peerPort, ownPort }
  }
}

function begin(manners: Manners, draw: Draw): Talk {
  const { peers, opens, servicePorts, segments } = manners
  const peer = peers[draw.below(peers.length)] ?? '198.18.0.1'
  const [clientPort, servicePort] = [draw.between(32_768, 60_999), draw.pick([...servicePorts])]
  const peerOpens = opens === 'peer'
  const lines: Line[] = []
  const opener = (flags: readonly TcpFlag[], payload = 0) => lines.push({ isToUs: peerOpens, flags, payload })
  const other = (flags: readonly TcpFlag[], payload = 0) => lines.push({ isToUs: !peerOpens, flags, payload })
  opener(SYN)
  other(SYN_ACK)
  opener(PLAIN)
  opener(PUSH, draw.between(180, 700))
  other(PLAIN)
  for (let sent = 1, all = draw.between(...segments); sent <= all; sent++) {
    const flags = sent === all ? PUSH : PLAIN
    lines.push({ isToUs: manners.isBulkToUs, flags, payload: sent === all ? draw.between(80, FULL) : FULL })
    if (sent % manners.segmentsPerAck === 0)
      lines.push({ isToUs: !manners.isBulkToUs, flags: PLAIN, payload: 0 })
  }
  other(END)
  opener(END)
  other(PLAIN)
  return {
    peer,
    peerPort: peerOpens ? clientPort : servicePort,
    ownPort: peerOpens ? servicePort : clientPort,
    script: lines.reverse(),
  }
}

/** The packet as layers of a frame; peers keep their own TTL. */
export function layersOf(
  { isToUs, peer, peerPort, ownPort, flags, payload }: Spoken,
  us: string,
): readonly Layer[] {
  const [source, target] = isToUs ? [peer, us] : [us, peer]
  const [sourcePort, targetPort] = isToUs ? [peerPort, ownPort] : [ownPort, peerPort]
  const ttl = isToUs ? 48 + (Number(peer.slice(peer.lastIndexOf('.') + 1)) % 14) : 64
  return [
    { kind: 'ethernet' },
    { kind: 'ipv4', source, target, ttl },
    { kind: 'tcp', sourcePort, targetPort, flags },
    { kind: 'payload', bytes: payload },
  ]
}
