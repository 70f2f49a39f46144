// The rows of amplification: answers nobody asked for, named by source port and shape; outgoing, a host of ours that is abused.

import { AMPLIFIERS, type Amplifier } from './vectors-amplifiers.ts'
import { AMPLIFIER_KIND } from './vectors-kinds.ts'
import { type Candidate, percent, type Vector, WORDS, whole } from './vectors-match.ts'

/** A service that was asked sends one answer, or a few, for each request. */
const ASKED_SHARE = 0.25
/** What grows less is a service at work, not an amplifier. */
const GROWTH_MIN = 3
/** Outgoing answers that go to many peers are a service at work; victims are few. */
const VICTIM_SHARE = 0.3
/** Without proof in the payload so many senders are wanted: one server alone may be anything. */
const SENDERS_MIN = 8

export const AMPLIFICATION: readonly Vector[] = AMPLIFIERS.map((amplifier, at) => ({
  name: `${amplifier.name}-amplification`,
  title: `${amplifier.service} amplification`,
  kinds: [AMPLIFIER_KIND + at],
  amplifier: at,
  minimumShare: 0.25,
  holds: candidate => holds(candidate, amplifier, at),
  condition: conditionOf(amplifier),
  reasons: candidate => reasonsOf(candidate, amplifier, at),
  fields: ['protocol', 'source port', 'length', 'payload', 'fragment', 'requests the other way'],
  sureness: ({ shape, packets, fragmentPackets }) =>
    shape.answers(at).proved > (packets - fragmentPackets) / 2 ? 1 : 0.75,
  ...WORDS.udp,
  match: {
    protocol: 17,
    sourcePort: amplifier.port,
    lengths: { from: Math.max(28, Math.floor(amplifier.meanBytes / 2)), to: 65_535 },
  },
}))

function conditionOf({ port, meanBytes, proves }: Amplifier): string {
  return `UDP from port ${port}, ${meanBytes} bytes or more on average, ${proves}; fewer than a quarter were asked for`
}

function holds(candidate: Candidate, { meanBytes }: Amplifier, at: number): boolean {
  const { shape, fragmentPackets } = candidate
  const packets = candidate.packets - fragmentPackets
  const { proved, contradicted, askedPackets, askedBytes } = shape.answers(at)
  if (packets <= 0 || candidate.meanBytes < meanBytes || contradicted > packets / 2) return false
  const isProved = proved > packets / 2
  if (!isProved && shape.peers.estimate < SENDERS_MIN && shape.isIncoming) return false
  if (shape.isIncoming) return askedPackets < packets * ASKED_SHARE
  const grows = askedBytes === 0 ? isProved : candidate.bytes >= askedBytes * GROWTH_MIN
  return grows && shape.peers.estimate <= Math.max(4, shape.samples * VICTIM_SHARE)
}

function reasonsOf(candidate: Candidate, { port, factor, proves, service }: Amplifier, at: number): string[] {
  const { shape, packets, fragmentPackets, meanBytes } = candidate
  const { proved, askedPackets, askedBytes } = shape.answers(at)
  const answers = packets - fragmentPackets
  const reasons = [`from UDP port ${port} (${service}), mean length ${whole(meanBytes)} bytes`]
  if (proved > 0) reasons.push(`payload shows ${proves} in ${percent(proved / answers)} of its answers`)
  if (fragmentPackets > 0)
    reasons.push(`${percent(fragmentPackets / packets)} of its packets are later fragments of such answers`)
  if (shape.isIncoming) {
    reasons.push(
      askedPackets === 0
        ? 'the host sent no request to that port'
        : `the host sent one request for ${whole(answers / askedPackets)} answers`,
    )
  } else {
    const growth =
      askedBytes === 0 ? '' : `, ${whole(candidate.bytes / askedBytes)} bytes for each byte asked`
    reasons.push(
      `our host is the reflector: it answers requests whose sender is the victim (published factor ${factor})${growth}`,
    )
  }
  return reasons
}
