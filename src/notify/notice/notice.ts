// What people and systems are told: that an attack began, became worse, changed, or is over. One notice speaks of all attacks
// that belong together, and says each time how things stand as a whole.

import { z } from 'zod'
import { SEVERITIES } from '#6-policy/severity.ts'

/** What destinations and routes may ask for. */
export const TOLD_KINDS = [
  'opened',
  'escalated',
  'updated',
  'ended',
  'refused',
  'reloaded',
  'trouble',
] as const
export const NOTICE_KINDS = [...TOLD_KINDS, 'test'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** Of more attacks a notice only says how many there are. */
export const LISTED_MAX = 50

const text = (characters: number) => z.string().max(characters)

/** Kept with the state while it waits, so it is checked when it comes back. */
export const noticeSchema = z.object({
  /** One for each notice: the same at each try. */
  id: text(128),
  /** What belongs together has one: a message and its updates, an incident and its end. */
  group: text(128),
  kind: z.enum(NOTICE_KINDS),
  /** Milliseconds since 1970 UTC. */
  at: z.number(),
  /** The highest of its attacks so far. */
  severity: z.enum(SEVERITIES),
  /** Of the first attack. */
  openedAt: z.number(),
  customer: text(256).optional(),
  customerName: text(1024).optional(),
  network: text(64).optional(),
  direction: z.enum(['incoming', 'outgoing', 'other']).optional(),
  hostgroups: z.array(text(256)),
  vectors: z.array(text(256)),
  /** The smallest prefix around all of them. */
  around: text(64).optional(),
  /** Attacks that belong to it, and those that are still open. */
  attacks: z.number(),
  open: z.number(),
  /** The largest first. */
  listed: z.array(
    z.object({
      id: text(128),
      target: text(64),
      isOpen: z.boolean(),
      vector: text(256),
      packetsPerSecond: z.number(),
      service: text(1024).optional(),
    }),
  ),
  /** Sums of the peaks of those that are open; of all when none is. */
  packetsPerSecond: z.number(),
  /** When they opened. */
  bitsPerSecond: z.number(),
  /** Which number crossed which limit, of the largest one; or what is told. */
  why: text(4096),
  /** What policy decided about it, in one sentence. */
  decision: text(4096),
  isDryRun: z.boolean(),
})
export type Notice = z.output<typeof noticeSchema>

/** Whether it tells the end of what others told. */
export const isLast = ({ kind }: Pick<Notice, 'kind'>): boolean => kind === 'ended'

export const worseOf = (one: Notice['severity'], other: Notice['severity']): Notice['severity'] =>
  SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other
