// Settings of counting: whose traffic, how many hosts, how speeds are averaged.

import { z } from 'zod'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { RULE_FRAGMENTS, RULE_PROTOCOLS, RULE_TCP_FLAGS } from './rule-words.ts'

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

const fromTo = /^(\d{1,5})(?:-(\d{1,5}))?$/

/** A number or a range of numbers `from-to`, both up to 65535. */
export const numberOrRange = z
  .union([z.int().min(0).max(65_535), z.string()], {
    error: 'expected a number from 0 to 65535 or a range such as 1024-65535',
  })
  .refine(value => typeof value === 'number' || isRange(value), {
    error: 'expected a number from 0 to 65535 or a range such as 1024-65535',
  })
  .meta({ title: 'a number from 0 to 65535 or a range such as 1024-65535' })

function isRange(text: string): boolean {
  const [, from = '', to = from] = fromTo.exec(text) ?? []
  return from !== '' && Number(from) <= Number(to) && Number(to) <= 65_535
}

const someOf = <Element extends z.ZodType>(element: Element) => z.array(element).min(1).max(64).optional()

type RuleProtocol = keyof typeof RULE_PROTOCOLS
const protocolNames = Object.keys(RULE_PROTOCOLS) as [RuleProtocol, ...RuleProtocol[]]

const protocolWords = `a protocol (${protocolNames.join(', ')}) or its number from 0 to 255`
const protocolText = z
  .union([z.enum(protocolNames), z.int().min(0).max(255)], { error: `expected ${protocolWords}` })
  .meta({ title: protocolWords })

const flagSet = z
  .string()
  .refine(text => text.split('|').every(flag => RULE_TCP_FLAGS.some(known => known === flag)), {
    error: `expected flags such as syn or syn|ack (possible are ${RULE_TCP_FLAGS.join(', ')})`,
  })
  .meta({ title: 'TCP flags such as syn or syn|ack' })

/** The keys are those of FastNetMon's rule file. A packet fits when each key that is given names something of it. */
export const whitelistRuleSchema = z
  .strictObject({
    source_prefix: prefixText.optional().describe('Where the packet comes from.'),
    destination_prefix: prefixText.optional().describe('Where the packet goes to.'),
    source_ports: someOf(numberOrRange).describe('Source ports of TCP, UDP and the like.'),
    destination_ports: someOf(numberOrRange).describe('Destination ports.'),
    packet_lengths: someOf(numberOrRange).describe('Lengths of the packet from the IP header on, bytes.'),
    vlans: someOf(z.int().min(0).max(4095)).describe('Outermost VLAN identifiers; 0: none.'),
    protocols: someOf(protocolText).describe('IP protocols.'),
    fragmentation_flags: someOf(z.enum(RULE_FRAGMENTS)).describe(
      'Kinds of fragments. dont-fragment and last-fragment are known of IPv4 only.',
    ),
    tcp_flags: someOf(flagSet).describe('Flags that must be set, whatever else is: syn, syn|ack.'),
  })
  .refine(rule => Object.values(rule).some(value => value !== undefined), {
    error: 'expected at least one key: a rule without any fits every packet',
  })
export type WhitelistRule = z.infer<typeof whitelistRuleSchema>

/** Those without any prefix or port are tried for each packet. */
export const WHITELIST_RULES_MAX = 256

export const whitelistRulesSchema = z
  .array(whitelistRuleSchema)
  .max(WHITELIST_RULES_MAX)
  .default([])
  .describe(
    'Packets that are left out of counting, by rules; a packet that fits one of them counts as exempt.',
  )
  .meta({ examples: [[{ source_prefix: '192.0.2.0/24', protocols: ['udp'], source_ports: [53] }]] })

export const whitelistSourcesSchema = z
  .array(prefixText)
  .default([])
  .describe(
    'Prefixes outside our networks whose traffic, from them and to them, is left out of counting: it counts as exempt and never towards a limit.',
  )
  .meta({ examples: [['203.0.113.0/24']] })

export const trafficSchema = z
  .strictObject({
    incoming: z.boolean().default(true).describe('Count traffic towards our networks.'),
    outgoing: z.boolean().default(true).describe('Count traffic from our networks.'),
    internal: z
      .enum(['both', 'totals'])
      .default('both')
      .describe(
        'Traffic between two of our hosts. both: incoming traffic of its target and outgoing traffic of its source, so that floods inside are found. totals: in the internal total alone, as FastNetMon does.',
      ),
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
