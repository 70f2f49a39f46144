// An attack as it is read back. What its ban needs must be there; what only tells about it may be missing or unknown,
// because a version before or after this one may have written it.

import { z } from 'zod'
import { METRIC, type Metric, NO_SPEEDS, type Speeds } from '#3-traffic/metric.ts'
import { type Attack, type HostSpeeds, LIMITS, ORDER_KINDS } from '#4-detection/attack.ts'

const moment = z.number().nonnegative()
const isMetric = (name: string): name is Metric => Object.hasOwn(METRIC, name)

const speeds = z.record(z.string(), z.number()).transform((read): Speeds => {
  const known = Object.entries(read).filter(([name]) => isMetric(name))
  return { ...NO_SPEEDS, ...Object.fromEntries(known) }
})
const SILENT: HostSpeeds = { incoming: NO_SPEEDS, outgoing: NO_SPEEDS }
const hostSpeeds = z.object({ incoming: speeds, outgoing: speeds }).catch(SILENT)

/** What is missing or of another version is as if it had not been said. */
const orUndefined = <Value>(schema: z.ZodType<Value>) =>
  z
    .unknown()
    .optional()
    .transform((value): Value | undefined => schema.safeParse(value).data)

const crossing = z.object({
  limit: z.enum(LIMITS),
  direction: z.enum(['incoming', 'outgoing']),
  value: z.number(),
  threshold: z.number(),
  hostgroup: z.string(),
  mode: z.enum(['budget', 'plain']),
  overSeconds: z.number(),
  budgetSeconds: z.number().exactOptional(),
  suspicion: z
    .object({
      weight: z.number(),
      packets: z.number(),
      features: z.array(
        z.object({ name: z.string(), value: z.number(), weight: z.number(), reason: z.string() }),
      ),
    })
    .exactOptional(),
  interval: z.object({ low: z.number(), high: z.number() }).exactOptional(),
})

const finding = z.object({
  parts: z.array(z.object({ vector: z.string(), share: z.number(), reasons: z.array(z.string()) })),
  confidence: z.number(),
  packets: z.number(),
})

const agreement = z.object({
  groupId: z.string(),
  confidence: z.number(),
  sources: z.array(z.string()),
  explanation: z.string(),
})

const reported = z.object({
  source: z.string(),
  vector: z.string().catch('unknown'),
  protocol: z.int().exactOptional(),
  ports: z.array(z.int()).catch([]),
  confidence: z.number().catch(0),
  bitsPerSecond: z.number().exactOptional(),
  firstEventId: z.string().exactOptional(),
  lastEventId: z.string().exactOptional(),
  agreed: orUndefined(agreement),
  order: z
    .object({
      kind: z.enum(ORDER_KINDS),
      bitsPerSecond: z.number().exactOptional(),
      packetsPerSecond: z.number().exactOptional(),
      ttlSeconds: z.number(),
      reason: z.string().catch(''),
      flow: z.string().exactOptional(),
      isMonitored: z.literal(true).exactOptional(),
    })
    .exactOptional(),
})

const facts = {
  id: z.string().min(1),
  scope: z.enum(['host', 'network', 'hostgroup', 'prefix']),
  host: z.string().min(1),
  prefixes: z.array(z.string()),
  family: z.union([z.literal(4), z.literal(6)]),
  origin: z.enum(['detected', 'manual', 'event']),
  reported: reported.exactOptional(),
  hostgroup: z.string().catch('global'),
  crossing: orUndefined(crossing),
  direction: z.enum(['incoming', 'outgoing', 'other']),
  type: z.enum(['syn_flood', 'icmp_flood', 'ip_fragmentation', 'udp_flood', 'unknown']).catch('unknown'),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'unknown']).catch('unknown'),
  finding: orUndefined(finding),
  power: z.number().catch(0),
  speeds: hostSpeeds,
  averages: hostSpeeds,
  openedAt: moment,
  banSeconds: z.number().nonnegative(),
  peak: z.number().catch(0),
}

/** Rows are read with this: unknown fields are dropped. */
export const attackSchema = z.discriminatedUnion('state', [
  z.object({
    ...facts,
    state: z.literal('open'),
    isOver: z.boolean().catch(true),
    speed: z.number().nonnegative().default(0),
    lastOverAt: moment.catch(0),
  }),
  z.object({
    ...facts,
    state: z.literal('ended'),
    endedAt: moment,
    endedBy: z.enum(['finished', 'operator', 'configuration']).catch('finished'),
    because: z.string().exactOptional(),
  }),
]) satisfies z.ZodType<Attack>
