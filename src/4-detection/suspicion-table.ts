// What speaks for an attack and what against it: one open table of features, each with a value from 0 to 1 and two weights.
//
// Suspicion begins at a neutral half. Each feature adds a number between its weight at 0 and its weight at 1; the sum,
// held between 0 and 1, chooses the budget. Weights are changed here and nowhere else; the scenarios of honest traffic
// and of every vector hold them from both sides.

import type { Finding } from './attack.ts'
import type { TrafficShape } from './shape.ts'
import { UNKNOWN } from './vectors.ts'
import { KIND } from './vectors-kinds.ts'
import { percent, whole } from './vectors-match.ts'

/** What is known of a suspect when it is weighed. Shares are 0 to 1, of the packets of the direction that is over a limit. */
export interface SuspicionFacts {
  readonly shape: TrafficShape
  readonly finding: Finding | undefined
  /** Of known friends. */
  readonly friends: number
  /** Unlike anything the host had in calm; `undefined` while too little of its calm is known. */
  readonly novel: number | undefined
  /** With a source address that cannot be. */
  readonly impossible: number
  /** Whether packets the other way would be seen here. */
  readonly seesAnswers: boolean
}

export interface Feature {
  readonly name: string
  readonly title: string
  /** How the value comes about, for the reference. */
  readonly measures: string
  readonly weightAtZero: number
  readonly weightAtOne: number
  /** Counts only for the packets that no vector explains: a vector has looked at this already. */
  readonly onlyUnnamed: boolean
  /** `undefined`: nothing can be said. */
  value(facts: SuspicionFacts): number | undefined
  reason(value: number, facts: SuspicionFacts): string
}

/** Vectors that explain so much leave no doubt. */
const NAMED_SHARE = 0.6
/** Different peers per sample: below it is conversations, above nearly every packet is somebody else's. */
const DISPERSED_FROM = 0.1
const DISPERSED_TO = 0.6
/** Packets per peer and bytes per packet of a bulk transfer. */
const HEAVY_SAMPLES_PER_PEER = 8
const FULL_SEGMENT_BYTES = 1000

export const FEATURES: readonly Feature[] = [
  {
    name: 'vector',
    title: 'known vectors',
    measures: 'share of the packets that named vectors explain, full at 60 %',
    weightAtZero: 0,
    weightAtOne: 0.5,
    onlyUnnamed: false,
    value: facts => Math.min(1, namedShare(facts.finding) / NAMED_SHARE),
    reason: (value, { finding }) =>
      value === 0
        ? 'no known vector explains the packets'
        : `${percent(namedShare(finding))} of the packets are ${vectorNames(finding)}`,
  },
  {
    name: 'answers',
    title: 'answers',
    measures:
      'share of the packets that are of peers to which packets go as well, or packets the other way per packet, if that is more; nothing of a syslog, which answers nobody',
    weightAtZero: 0.25,
    weightAtOne: -0.6,
    onlyUnnamed: true,
    value: answers,
    reason: value =>
      `${percent(value)} of the packets are of peers the host exchanges packets with both ways`,
  },
  {
    name: 'sources',
    title: 'dispersion of sources',
    measures: 'different peers per packet that was looked at, from 10 % (0) to 60 % (1)',
    weightAtZero: -0.05,
    weightAtOne: 0.15,
    onlyUnnamed: false,
    value: dispersion,
    reason: (_, { shape }) => `about ${whole(shape.peers.estimate)} peers in ${whole(shape.samples)} packets`,
  },
  {
    name: 'conversations',
    title: 'few heavy conversations',
    measures: 'answered TCP in full segments with at most one peer in eight packets',
    weightAtZero: 0,
    weightAtOne: -0.15,
    onlyUnnamed: true,
    value: heavyConversations,
    reason: (value, { shape }) =>
      value === 0
        ? 'no few heavy conversations over TCP'
        : `TCP in segments of ${whole(shape.bytes / shape.packets)} bytes, peers: ${whole(shape.peers.estimate)}`,
  },
  {
    name: 'friends',
    title: 'known friends',
    measures: 'share of the packets of peers that talked with this host both ways before',
    weightAtZero: 0,
    weightAtOne: -0.3,
    onlyUnnamed: false,
    value: ({ friends }) => friends,
    reason: value => `${percent(value)} of the packets are of peers that talked with the host before`,
  },
  {
    name: 'uniformity',
    title: 'uniformity',
    measures: 'share of one length times share of one TTL times dispersion of sources',
    weightAtZero: 0,
    weightAtOne: 0.15,
    onlyUnnamed: true,
    value: ({ shape }) => topShare(shape, 'lengths') * topShare(shape, 'ttls') * dispersion({ shape }),
    reason: (_, { shape }) =>
      `${percent(topShare(shape, 'lengths'))} of the packets are of one length, ${percent(topShare(shape, 'ttls'))} of one TTL`,
  },
  {
    name: 'impossible-sources',
    title: 'impossible sources',
    measures:
      'share of the packets from loopback, multicast, reserved or link-local addresses, or from the host itself',
    weightAtZero: 0,
    weightAtOne: 0.5,
    onlyUnnamed: false,
    value: ({ impossible }) => impossible,
    reason: value => `${percent(value)} of the packets have a source that cannot be`,
  },
  {
    name: 'novelty',
    title: 'novelty',
    measures: 'share of the packets whose protocol, port and length the host did not have in calm',
    weightAtZero: -0.1,
    weightAtOne: 0.15,
    onlyUnnamed: true,
    value: ({ novel }) => novel,
    reason: value => `${percent(value)} of the packets are unlike what the host has in calm`,
  },
]

/** 0 to 1: what vectors with a name explain of the packets. */
export function namedShare(finding: Finding | undefined): number {
  const parts = finding?.parts.filter(({ vector }) => vector !== UNKNOWN) ?? []
  return Math.min(
    1,
    parts.reduce((sum, { share }) => sum + share, 0),
  )
}

const vectorNames = (finding: Finding | undefined): string =>
  (finding?.parts ?? [])
    .filter(({ vector }) => vector !== UNKNOWN)
    .map(({ vector }) => vector)
    .join(' and ')

function dispersion({ shape }: Pick<SuspicionFacts, 'shape'>): number {
  const perSample = shape.samples === 0 ? 0 : shape.peers.estimate / shape.samples
  return Math.min(1, Math.max(0, (perSample - DISPERSED_FROM) / (DISPERSED_TO - DISPERSED_FROM)))
}

/**
 * Of many peers the two ways are seldom sampled of the same one; then the balance of both ways has to do, which a flood of
 * strangers cannot make. Of few peers and few packets silence may be chance.
 */
function answers({ shape, seesAnswers }: SuspicionFacts): number | undefined {
  if (!seesAnswers || isOneWay(shape)) return undefined
  if (shape.replies === 0) return shape.samples < SILENT_SAMPLES && isFewPeers(shape) ? undefined : 0
  return Math.max(shape.answered(), Math.min(1, shape.replies / shape.packets))
}

/** Messages to a syslog are answered by nobody, so silence says nothing about them. */
const isOneWay = (shape: TrafficShape): boolean => shape.total([KIND.syslog]).packets * 2 >= shape.packets

const SILENT_SAMPLES = 64
const isFewPeers = (shape: TrafficShape): boolean =>
  shape.peers.estimate * HEAVY_SAMPLES_PER_PEER <= shape.samples

function heavyConversations({ shape, seesAnswers }: SuspicionFacts): number | undefined {
  if (!seesAnswers) return undefined
  const isFull = shape.bytes >= shape.packets * FULL_SEGMENT_BYTES
  if (!isFull || shape.replies === 0 || !isFewPeers(shape)) return 0
  const tcp = shape.protocols.entries().find(({ value }) => value === TCP)?.weight ?? 0
  return Math.min(1, tcp / shape.packets) * shape.answered(['tcp'])
}

const TCP = 6

const topShare = (shape: TrafficShape, field: 'lengths' | 'ttls'): number =>
  shape.packets === 0 ? 0 : Math.min(1, shape[field].top.weight / shape.packets)
