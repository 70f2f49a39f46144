// Who sends flow telemetry, what was made of it, and what was lost.

import { z } from 'zod'
import { count, hostInput, limitInput, moment } from './values.ts'

const listenerSchema = z
  .object({
    listen: z.string().describe('Address and port; before it "tcp" where IPFIX over TCP arrives.'),
    worker: count.describe('Number of the telemetry worker, from 0.'),
    receiver: z
      .enum(['batch', 'dgram', 'tcp', 'none'])
      .describe('How datagrams are received; none: it does not listen now.'),
    problem: z.string().optional().describe('Why it does not listen.'),
    datagrams: count,
    dropped: count.describe('Datagrams the kernel dropped because the queue was full.'),
    queueBytes: count.describe(
      'Size of the queue in the kernel; half of it is overhead that is not counted.',
    ),
    queuedBytes: count.describe('What waits in it now.'),
    stray: count.describe('Datagrams of no known protocol, from addresses that never sent another one.'),
    connections: z
      .object({ open: count, unlisted: count, overflow: count, malformed: count, idle: count })
      .optional()
      .describe('Connections that are open, and those that were closed by the reason (TCP).'),
  })
  .describe('One socket that telemetry arrives at.')

const domainSchema = z
  .object({
    protocol: z.enum(['sflow', 'netflow5', 'netflow9', 'ipfix', 'unknown']),
    id: count.describe('Observation domain, source id, engine (type * 256 + id) or sub-agent.'),
    lastSeen: moment,
    templates: count,
    samplingRate: z.number().min(0).describe('One packet in so many is reported, as far as is known.'),
    samplingRateFrom: z
      .enum(['configured', 'told', 'fallback', 'none'])
      .describe('Who says so; none: nobody, every reported packet counts once.'),
    samplers: z
      .array(z.object({ sampler: z.number(), samplingRate: z.number() }))
      .describe('What was told by sampler; -1 stands for the domain as a whole.'),
    lostDatagrams: count.describe('By sequence numbers of datagrams.'),
    lostRecords: count.describe('By sequence numbers of records.'),
    late: count.describe('Datagrams that came after a later one.'),
    repeated: count.describe('Datagrams that came twice.'),
    restarts: count,
    skewSeconds: z.number().describe('Our clock minus its own, and the way here.'),
    activeTimeoutSeconds: count.describe('As it was told; 0: not told.'),
    longestSeconds: z.number().min(0).describe('The longest flow of a record: about the active timeout.'),
  })
  .describe('One source of records within an exporter.')

const lookedSchema = z
  .object({
    records: count.describe('How many were looked at; counted ones of lately, chosen by their flows.'),
    incoming: count.describe('Towards our networks, from outside.'),
    outgoing: count,
    internal: count.describe('Between our networks.'),
    other: count.describe('Between addresses none of which is in our networks.'),
    incomingIngress: count.describe('Of the incoming ones those recorded where they came in.'),
    incomingEgress: count.describe('Those recorded where they went out.'),
    outgoingIngress: count,
    outgoingEgress: count,
    bothWays: count.describe('Of flows that the exporter told of coming in and going out.'),
    alsoFrom: z
      .array(z.object({ address: z.string(), records: count }))
      .describe('Of flows that another exporter told of before; of many exporters some.'),
  })
  .describe('A look at some records of an exporter.')

const exporterSchema = z
  .object({
    address: z.string(),
    name: z.string().describe('As configured; empty: none.'),
    site: z.string(),
    countOnly: z.enum(['both', 'ingress', 'egress']),
    lastSeen: moment,
    datagrams: count,
    records: count.describe('Records and samples of packets.'),
    counted: count.describe('Records that gave numbers of packets; both ways of a record of two count.'),
    notCounted: count.describe('Of those left out by countOnly or interfaces.'),
    malformed: count,
    unknownProtocol: count,
    unknownTemplates: count.describe('Sets of data whose template was not known when they came.'),
    waiting: count.describe('Sets of data that wait for their template now.'),
    lostSets: count.describe('Sets of data whose template did not come in time.'),
    templates: count,
    lostDatagrams: count,
    lostRecords: count,
    rateChanges: count.describe('Times it told another sampling rate.'),
    domains: z.array(domainSchema),
    looked: lookedSchema,
  })
  .describe('One address that telemetry comes from, of all workers together.')

export const exportersInput = z.strictObject({ limit: limitInput(1000, 5000) })

export const exportersSchema = z.object({
  listeners: z.array(listenerSchema),
  exporters: z.array(exporterSchema),
  total: count.describe('Exporters that are listened to, also those beyond the limit of the list.'),
  isRestricted: z.boolean().describe('Whether only listed exporters are listened to.'),
  refused: z
    .array(z.object({ address: z.string(), datagrams: count }))
    .describe('Addresses that are not allowed; of many only the first.'),
  refusedDatagrams: count.describe(
    'Datagrams of addresses that are not allowed, since the list of exporters changed last.',
  ),
  overflowDatagrams: count.describe('Datagrams of exporters beyond telemetry.exportersMax.'),
  beyondPackets: count.describe(
    'Packets of flows that lasted longer than spreadSeconds, which were too long ago to count.',
  ),
})

const perSecond = z.number().min(0)

const countedSchema = z
  .object({ packets: count, bytes: count, packetsPerSecond: perSecond, bitsPerSecond: perSecond })
  .describe('Of records, multiplied by their sampling rates; rates of the last half to whole minute.')

const kept = count.optional()

export const interfaceCountersSchema = z
  .object({
    at: moment.describe('When they came last.'),
    isUp: z.boolean(),
    isAdministrativelyUp: z.boolean(),
    type: count.describe('By IANA: 6 Ethernet, 161 a bundle.'),
    speedBitsPerSecond: count,
    duplex: z.enum(['full', 'half', 'in', 'out', 'unknown']),
    ...{ inBytes: kept, inUnicastPackets: kept, inDiscards: kept, inErrors: kept },
    ...{ outBytes: kept, outUnicastPackets: kept, outDiscards: kept, outErrors: kept },
    inBitsPerSecond: perSecond.optional().describe('Between the last two reports. Missing: there is one.'),
    outBitsPerSecond: perSecond.optional(),
    inPacketsPerSecond: perSecond.optional().describe('Unicast packets.'),
    outPacketsPerSecond: perSecond.optional(),
  })
  .describe('Counters as the exporter reports them (sFlow). Missing ones it does not keep.')

export const interfaceSchema = z
  .object({
    index: count.describe('ifIndex of SNMP.'),
    incoming: countedSchema,
    outgoing: countedSchema,
    counters: interfaceCountersSchema.optional().describe('Missing: it reports none.'),
  })
  .describe('One interface of an exporter.')

export const interfacesInput = z.strictObject({ address: hostInput, limit: limitInput(1000, 5000) })

export const interfacesSchema = z.object({
  address: z.string(),
  name: z.string().describe('As configured; empty: none.'),
  interfaces: z.array(interfaceSchema).describe('By index.'),
  total: count.describe('Interfaces that are known, also those beyond the limit of the list.'),
  unlistedPackets: count.describe('Of interfaces beyond those that are counted by themselves.'),
})

export type ExporterInterface = z.infer<typeof interfaceSchema>
export type InterfaceReport = z.infer<typeof interfaceCountersSchema>
export type ExporterInterfaces = z.infer<typeof interfacesSchema>
export type ExporterInterfacesQuery = z.output<typeof interfacesInput>
export type ExportersQuery = z.output<typeof exportersInput>
export type Exporters = z.infer<typeof exportersSchema>
export type Exporter = Exporters['exporters'][number]
export type LookedRecords = Exporter['looked']
export type ExporterDomain = Exporter['domains'][number]
export type TelemetryListener = Exporters['listeners'][number]
