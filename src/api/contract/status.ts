// What the daemon is, what it does and how it fares.

import { z } from 'zod'
import { count, moment, percent } from './values.ts'

export const LINK_STATES = ['up', 'down', 'missing', 'unknown'] as const

export const captureWorkerSchema = z
  .object({
    worker: count.describe('Number of the worker, from 0.'),
    interface: z.string(),
    link: z
      .enum(LINK_STATES)
      .describe('missing: no interface of that name now; capture goes on when it comes back.'),
    packets: count.describe('Packets read.'),
    dropped: count.describe('Packets the kernel dropped because the ring was full.'),
    droppedPercent: percent,
  })
  .describe('One thread that captures.')

export const telemetrySchema = z
  .object({
    listen: z.string().describe('Address and port.'),
    worker: count.describe('Number of the telemetry worker, from 0.'),
    isListening: z.boolean(),
    exporters: count.describe('Exporters it has heard.'),
    datagrams: count,
    dropped: count.describe('Datagrams the kernel dropped because the queue was full.'),
    records: count.describe('Records of flows and samples of packets.'),
    lostDatagrams: count.describe('Missing by their sequence numbers.'),
    lostRecords: count.describe('Missing by their sequence numbers.'),
  })
  .describe('One socket that flow telemetry arrives at.')

export const SESSION_STATES = [
  ...(['idle', 'connect', 'active', 'opensent', 'openconfirm', 'established', 'unknown'] as const),
] as const

export const enforcerSchema = z
  .object({
    name: z.string(),
    actions: z.array(z.string()).describe('What it carries out.'),
    isVerifiable: z
      .boolean()
      .describe('false: it cannot say what it holds, so what is shown as announced is what it was told.'),
    sessions: z
      .array(
        z.object({
          address: z.string(),
          asn: count,
          state: z.enum(SESSION_STATES).describe('As in RFC 4271; unknown: the BGP daemon cannot be asked.'),
          since: moment,
          families: z.array(z.string()).describe('Such as ipv4-unicast; empty: not told.'),
        }),
      )
      .describe('BGP neighbours, where the enforcer knows them.'),
  })
  .describe('Who carries mitigations out.')

export const statusSchema = z.object({
  version: z.string(),
  pid: count,
  startedAt: moment,
  uptimeSeconds: z.number().min(0),
  mode: z.enum(['budget', 'plain']).describe('How attacks are found.'),
  armed: z.boolean().describe('false: dry run; everything is shown, nothing is carried out.'),
  origin: z
    .object({
      kind: z.enum(['defaults', 'native', 'fastnetmon', 'prefixd']).describe('Kind of configuration.'),
      file: z.string().optional().describe('Path of the configuration file.'),
    })
    .describe('Where the configuration comes from.'),
  stateDirectory: z.string(),
  networks: count.describe('Prefixes that are watched.'),
  capture: z.array(captureWorkerSchema),
  telemetry: z.array(telemetrySchema).describe('Empty: flow telemetry is off.'),
  enforcers: z.array(enforcerSchema).describe('Those that are in use now.'),
  packetsReceived: count,
  packetsDropped: count,
  droppedPercent: percent,
  exemptPackets: count.describe('Packets that whitelistSources and whitelistRules left out.'),
  hosts: z.object({
    tracked: count.describe('Hosts with traffic that are counted now.'),
    evicted: count.describe('Hosts that had to make room for others.'),
    refused: count.describe('Times a host found no room.'),
  }),
  activeAttacks: count,
  ticks: count.describe('Decisions made since the start, one for each tick.'),
  lastReload: z
    .object({
      at: moment,
      outcome: z.enum(['applied', 'refused']),
      needsRestart: z.array(z.string()).describe('Settings of the file that wait for a restart.'),
      problems: z.array(z.string()).describe('What was wrong with the file, or odd.'),
    })
    .optional()
    .describe('The last time the configuration was read again; missing: not since the start.'),
  warnings: z.array(z.string()).describe('What an operator should know or mend.'),
})

export type Status = z.infer<typeof statusSchema>
export type EnforcerFacts = z.infer<typeof enforcerSchema>
export type TelemetrySocket = z.infer<typeof telemetrySchema>
export type CaptureWorker = z.infer<typeof captureWorkerSchema>
