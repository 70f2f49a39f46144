// Settings of counting: whose traffic, how many hosts, how speeds are averaged.

import { z } from 'zod'
import { parsePrefix } from '#lib/ip/prefix.ts'

/** A prefix as text (`10.0.0.0/8`, `2001:db8::/32`); a bare address is a prefix of full length. */
export const prefixText = z
  .string()
  .refine(text => parsePrefix(text) !== undefined, {
    error: 'expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32',
  })
  .meta({ title: 'an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32' })

const networkText = z
  .string()
  .refine(text => text === 'own' || parsePrefix(text) !== undefined, {
    error: 'expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, or own',
  })
  .meta({ title: 'an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, or own' })

export const networksSchema = z
  .union([z.literal('own'), z.array(networkText).min(1)])
  .meta({ title: 'own, or a list of prefixes such as [192.0.2.0/24, 2001:db8::/32, own]' })
  .default('own')
  .describe(
    "Prefixes that are watched. own: the addresses of this machine's interfaces, IPv4 and IPv6; in a list, besides the others.",
  )

export const trafficSchema = z
  .strictObject({
    incoming: z.boolean().default(true).describe('Count traffic towards our networks.'),
    outgoing: z.boolean().default(true).describe('Count traffic from our networks.'),
    flows: z
      .enum(['all', 'tcp-udp-v4', 'off'])
      .default('all')
      .describe(
        'What is counted as flows per second: all protocols, only TCP and UDP over IPv4, or nothing. In plain mode the default is tcp-udp-v4.',
      ),
    averageSeconds: z
      .number()
      .min(0.1)
      .max(3600)
      .default(5)
      .describe('Time constant of the averages that the screen and the plain decision use.'),
    speedSeconds: z
      .int()
      .min(1)
      .max(60)
      .default(1)
      .describe('Length of one step of the plain decision and of one window of flow counting.'),
    hostsMax: z
      .int()
      .min(1024)
      .max(16_777_216)
      .default(1_048_576)
      .describe(
        'Hosts with traffic that are counted at the same time, per worker. At the bound idle ones make room.',
      ),
    idleSeconds: z
      .int()
      .min(5)
      .max(86_400)
      .default(60)
      .describe('A host without traffic for so long gives its memory back.'),
  })
  .describe('How traffic is counted.')

export type TrafficConfig = z.infer<typeof trafficSchema>
