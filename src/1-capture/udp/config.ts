// Settings of flow telemetry: where datagrams of exporters arrive, and which exporters are listened to.

import { z } from 'zod'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { parseListenAddress } from '#lib/listen-address.ts'

const listenText = z
  .string()
  .refine(text => (parseListenAddress(text)?.port ?? 0) > 0, {
    error: 'expected an address and a port such as 0.0.0.0:2055 or [::]:6343',
  })
  .meta({ title: 'an address and a port such as 0.0.0.0:2055 or [::]:6343' })

const exporterPrefix = z
  .string()
  .refine(text => parsePrefix(text) !== undefined, {
    error: 'expected an address or a prefix such as 192.0.2.1 or 2001:db8::/64',
  })
  .meta({ title: 'an address or a prefix such as 192.0.2.1 or 2001:db8::/64' })

const RATE_MAX = 16_777_216
const samplingRate = z.int().min(1).max(RATE_MAX)
const word = z.string().max(64)

export const COUNT_ONLY = ['both', 'ingress', 'egress'] as const

export const exporterSchema = z
  .strictObject({
    prefix: exporterPrefix.describe(
      'Addresses the exporter sends from. Of several that fit the longest counts.',
    ),
    name: word.default('').describe('What it is called in lists, metrics and messages. Empty: its address.'),
    site: word.default('').describe('Where it stands, for lists.'),
    samplingRate: samplingRate
      .optional()
      .describe('Each packet it reports stands for so many, whatever it says itself.'),
    fallbackSamplingRate: samplingRate
      .optional()
      .describe('The same until it says something. Default: telemetry.fallbackSamplingRate.'),
    countOnly: z
      .enum(COUNT_ONLY)
      .default('both')
      .describe(
        'Records that are counted: those taken where packets come in (ingress), where they go out (egress), or both. Records that do not say are always counted.',
      ),
    interfaces: z
      .array(z.int().min(1).max(4_294_967_295))
      .max(1024)
      .default([])
      .describe(
        'SNMP indexes of the interfaces that count: a record must have come in by one of them, with countOnly egress gone out, with both either. Empty: all.',
      ),
  })
  .describe('One exporter, or all of a prefix.')

export const telemetrySchema = z
  .strictObject({
    listen: z
      .array(listenText)
      .max(32)
      .default([])
      .describe(
        'Where sFlow, NetFlow and IPFIX arrive, any of them on any port. [::] takes IPv4 too unless that has the port for itself. Empty: nowhere.',
      ),
    tcp: z
      .array(listenText)
      .max(32)
      .default([])
      .describe(
        'Where IPFIX over TCP arrives, each address in a thread of its own: at most 256 connections, of which one is closed that brings nothing for ten minutes. Empty: nowhere.',
      ),
    workers: z
      .int()
      .min(1)
      .max(16)
      .default(1)
      .describe(
        'Threads per address. Each exporter stays with one of them. One takes over a million records/s.',
      ),
    receiveMegabytes: z
      .int()
      .min(1)
      .max(1024)
      .default(32)
      .describe(
        'Queue of each socket in the kernel, in MiB. Without CAP_NET_ADMIN at the start net.core.rmem_max is its bound.',
      ),
    receiver: z
      .enum(['batch', 'dgram'])
      .default('batch')
      .describe(
        'batch: many datagrams in one system call. dgram: one by one, where system calls cannot be made; chosen by itself then.',
      ),
    spreadSeconds: z
      .int()
      .min(0)
      .max(60)
      .default(60)
      .describe(
        'A record is counted evenly over the time its flow lasted, up to this. 0, and in plain mode: when it arrives.',
      ),
    length: z
      .enum(['frame', 'ip'])
      .default('frame')
      .describe('Bytes of records that bring the packet itself: its frame, or the length in its IP header.'),
    fallbackSamplingRate: samplingRate
      .default(1)
      .describe('Each reported packet stands for so many, until the exporter says something else.'),
    exportersMax: z
      .int()
      .min(1)
      .max(65_536)
      .default(1024)
      .describe(
        'Exporters a worker listens to. At the bound one that was silent for ten minutes makes room, else the new one is refused.',
      ),
    exporters: z
      .array(exporterSchema)
      .max(4096)
      .default([])
      .describe('The exporters. When there are any, datagrams of all others are refused and counted.'),
  })
  .describe('Flow telemetry: what routers and switches report of the traffic they carry.')

export type TelemetryConfig = z.infer<typeof telemetrySchema>
export type ExporterConfig = z.infer<typeof exporterSchema>
