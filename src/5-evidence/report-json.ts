// The report as JSON: one documented, versioned shape for programs. A new version number means a changed meaning.

import { z } from 'zod'
import { METRIC, type Speeds } from '#3-traffic/metric.ts'
import { type Crossing, type Finding, type HostSpeeds, LIMITS } from '#4-detection/attack.ts'
import { proposedJson } from './distill/proposed-json.ts'
import { proposedSchema } from './distill/proposed-schema.ts'
import type { FlowSection, PacketRecord } from './evidence.ts'
import { protocolName, tcpFlagNames } from './protocol-name.ts'
import type { Report } from './report.ts'

const rate = z.number().nonnegative()
const port = z.int().min(0).max(65_535)
const time = z.iso.datetime().describe('UTC.')
const path = z.enum(['incoming', 'outgoing'])

const speedsSchema = z
  .strictObject(
    Object.fromEntries(Object.keys(METRIC).map(name => [name, rate])) as Record<keyof Speeds, typeof rate>,
  )
  .describe('Packets, bytes and flows per second.')

const hostSpeedsSchema = z.strictObject({ incoming: speedsSchema, outgoing: speedsSchema })

const attackSchema = z.strictObject({
  id: z.string(),
  host: z.string().describe('IPv4 dotted, IPv6 as RFC 5952 writes it.'),
  family: z.union([z.literal(4), z.literal(6)]),
  origin: z.enum(['detected', 'manual', 'event']),
  hostgroup: z.string(),
  state: z.enum(['open', 'ended']),
  direction: z.enum(['incoming', 'outgoing', 'other']),
  type: z.enum(['syn_flood', 'icmp_flood', 'ip_fragmentation', 'udp_flood', 'unknown']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'unknown']),
  powerPacketsPerSecond: rate.describe('When the attack opened, in its direction.'),
  peakPacketsPerSecond: rate,
  openedAt: time,
  endedAt: time.nullable(),
  endedBy: z.enum(['finished', 'operator', 'configuration']).nullable(),
  banSeconds: z.number().nonnegative().describe('The ban lasts at least so long; 0: until somebody ends it.'),
})

const suspicionSchema = z
  .strictObject({
    weight: z.number().min(0).max(1).describe('0 surely honest, 1 surely an attack.'),
    packets: z.int().nonnegative().describe('Packets that were looked at.'),
    features: z.array(
      z.strictObject({
        name: z.string(),
        value: z.number().min(0).max(1),
        weight: z.number().describe('What it adds to the neutral half.'),
        reason: z.string(),
      }),
    ),
  })
  .describe('How suspicious the crossing was, and why.')

const crossingSchema = z
  .strictObject({
    limit: z.enum(LIMITS),
    direction: path,
    value: rate.describe('Packets, bits or flows per second.'),
    threshold: rate,
    hostgroup: z.string().describe('Whose limit it is; global: the general one.'),
    mode: z.enum(['budget', 'plain']),
    overSeconds: z.number().nonnegative().describe('From the first tick over the limit to the crossing.'),
    budgetSeconds: z
      .number()
      .nonnegative()
      .optional()
      .describe('Limit-seconds that were allowed to pass above the limit; missing in plain mode.'),
    suspicion: suspicionSchema.optional(),
    interval: z
      .strictObject({ low: rate, high: rate })
      .optional()
      .describe('Where the value lies, when it was counted from samples.'),
  })
  .describe('Which number crossed which limit.')

const flowSchema = z.strictObject({
  hostPort: port,
  remote: z.string(),
  remotePort: port,
  packets: z.number().nonnegative(),
  bytes: z.number().nonnegative(),
})

const flowSectionSchema = z.strictObject({
  direction: path,
  protocol: z.enum(['tcp', 'udp']),
  count: z.number().nonnegative().describe('Flows of the last window, estimated by a sketch.'),
  flows: z
    .array(flowSchema)
    .describe(
      'The largest flows among the packets that were kept; their numbers are what was seen, so at least.',
    ),
})

const packetSchema = z.strictObject({
  time: z.string().describe('UTC with microseconds.'),
  source: z.string(),
  sourcePort: port,
  target: z.string(),
  targetPort: port,
  protocol: z.strictObject({ number: z.int().min(0).max(255), name: z.string() }),
  tcpFlags: z.array(z.string()),
  isFragment: z.boolean(),
  ttl: z.int().min(0).max(255),
  bytes: z.number().nonnegative(),
  weight: z.number().nonnegative().describe('How many packets this one stands for.'),
  sampleRatio: z.number().nonnegative(),
  recordPackets: z
    .int()
    .min(1)
    .optional()
    .describe('Comes from a flow record that told of so many packets; header and bytes are made up from it.'),
  linkType: z.int().optional().describe('LINKTYPE_ of pcap; with header only.'),
  header: z.string().optional().describe('The bytes that were kept, in hexadecimal; on request only.'),
})

/** Name and version of the shape. */
export const REPORT_SCHEMA = 'floodwarden.report/1'

const findingSchema = z
  .strictObject({
    parts: z
      .array(
        z.strictObject({
          vector: z.string().describe('Name in the reference of vectors, or unknown.'),
          share: z.number().min(0).max(1).describe('Of the packets or of the bytes, whichever is more.'),
          reasons: z.array(z.string()).describe('Sentences with figures.'),
        }),
      )
      .describe('The largest first, unknown last; several make a mixed attack.'),
    confidence: z.number().min(0).max(1),
    packets: z.int().nonnegative().describe('Packets that were looked at.'),
  })
  .describe('What its packets say an attack is.')

export const reportSchema = z
  .strictObject({
    schema: z.literal(REPORT_SCHEMA).describe('Which shape this is.'),
    attack: attackSchema,
    why: z.string().describe('Why the attack was opened, in one sentence.'),
    finding: findingSchema.nullable().describe('null while too few packets were seen.'),
    crossing: crossingSchema.nullable().describe('null for a manual ban.'),
    speeds: hostSpeedsSchema.describe('When the attack opened.'),
    averages: hostSpeedsSchema.describe('When the attack opened.'),
    averagePacketBytes: z.strictObject({ incoming: rate, outgoing: rate }),
    flows: z.array(flowSectionSchema),
    packets: z.array(packetSchema),
    proposed: proposedSchema.optional(),
  })
  .describe('What is known about one attack.')

export type ReportJson = z.infer<typeof reportSchema>

/**
 * The report as a value for `JSON.stringify`. Bytes of packets are left out unless `headers` asks for them: for those of all, or of
 * so many.
 */
export function reportJson(
  report: Report,
  options: { readonly headers: boolean | number } = { headers: false },
): ReportJson {
  const { attack } = report
  const { headers } = options
  const most = typeof headers === 'number' ? headers : headers ? Number.POSITIVE_INFINITY : 0
  return {
    schema: REPORT_SCHEMA,
    attack: attackJson(report),
    why: report.why,
    finding: findingJson(attack.finding),
    crossing: crossingJson(attack.crossing),
    speeds: speedsJson(attack.speeds),
    averages: speedsJson(attack.averages),
    averagePacketBytes: report.packetBytes,
    flows: report.flows.map(sectionJson),
    packets: report.packets.map((packet, at) => packetJson(packet, at < most)),
    ...(report.proposed === undefined ? {} : { proposed: proposedJson(report.proposed) }),
  }
}

function attackJson({ attack }: Report): ReportJson['attack'] {
  const { id, host, family, origin, hostgroup, state, direction, type, protocol, banSeconds } = attack
  return {
    id,
    host,
    family,
    origin,
    hostgroup,
    state,
    direction,
    type,
    protocol,
    powerPacketsPerSecond: attack.power,
    peakPacketsPerSecond: attack.peak,
    openedAt: utcText(attack.openedAt * 1000, 3),
    endedAt: attack.state === 'ended' ? utcText(attack.endedAt * 1000, 3) : null,
    endedBy: attack.state === 'ended' ? attack.endedBy : null,
    banSeconds,
  }
}

const findingJson = (finding: Finding | undefined): ReportJson['finding'] =>
  finding === undefined
    ? null
    : {
        parts: finding.parts.map(({ vector, share, reasons }) => ({ vector, share, reasons: [...reasons] })),
        confidence: finding.confidence,
        packets: finding.packets,
      }

function crossingJson(crossing: Crossing | undefined): ReportJson['crossing'] {
  if (crossing === undefined) return null
  const { value, overSeconds, budgetSeconds, suspicion, ...rest } = crossing
  return {
    ...rest,
    value: inThousandths(value),
    overSeconds: inThousandths(overSeconds),
    ...(budgetSeconds === undefined ? {} : { budgetSeconds: inThousandths(budgetSeconds) }),
    ...(suspicion === undefined ? {} : { suspicion: { ...suspicion, features: [...suspicion.features] } }),
  }
}

const speedsJson = ({ incoming, outgoing }: HostSpeeds): ReportJson['speeds'] => ({
  incoming: speedsInThousandths(incoming),
  outgoing: speedsInThousandths(outgoing),
})

const speedsInThousandths = (speeds: Speeds) => ({
  ...speeds,
  ...Object.fromEntries(Object.entries(speeds).map(([name, value]) => [name, inThousandths(value)])),
})

/** What is left of a speed after three decimals is an error of arithmetic. */
const inThousandths = (value: number): number => Math.round(value * 1000) / 1000

const sectionJson = ({ direction, protocol, count, flows }: FlowSection): ReportJson['flows'][number] => ({
  direction,
  protocol,
  count,
  flows: flows.map(({ hostPort, remote, remotePort, packets, bytes }) => ({
    hostPort,
    remote,
    remotePort,
    packets,
    bytes,
  })),
})

function packetJson(packet: PacketRecord, withHeader: boolean): ReportJson['packets'][number] {
  const { source, sourcePort, target, targetPort, isFragment, ttl, bytes, weight, sampleRatio } = packet
  return {
    time: utcText(packet.timeMicros, 6),
    source,
    sourcePort,
    target,
    targetPort,
    protocol: { number: packet.protocol, name: protocolName(packet.protocol) },
    tcpFlags: tcpFlagNames(packet.tcpFlags),
    isFragment,
    ttl,
    bytes,
    weight,
    sampleRatio,
    ...(packet.recordPackets === undefined ? {} : { recordPackets: packet.recordPackets }),
    ...(withHeader ? { linkType: packet.linkType, header: packet.bytesCaptured.toHex() } : {}),
  }
}

/** ISO 8601 with as many decimals of a second as asked for (3 to 6). */
function utcText(micros: number, decimals: number): string {
  const millis = Math.floor(micros / 1000)
  const rest = String(Math.floor(micros) - millis * 1000).padStart(3, '0')
  return `${new Date(millis).toISOString().slice(0, -1)}${rest.slice(0, decimals - 3)}Z`
}
