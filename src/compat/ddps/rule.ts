// A rule as DDPS writes it: fourteen keys, each of them there, each a text, an empty one for "whatever it is".

import { z } from 'zod'
import { hasHostBits, parsePrefix } from '#lib/ip/prefix.ts'

/** In the order in which DDPS writes them. */
export const DDPS_KEYS = [
  'durationminutes',
  'destinationprefix',
  'sourceprefix',
  'ipprotocol',
  'destinationport',
  'sourceport',
  'icmptype',
  'icmpcode',
  'tcpflags',
  'packetlength',
  'dscp',
  'fragmentencoding',
  'thenaction',
  'description',
] as const

export type DdpsKey = (typeof DDPS_KEYS)[number]
export type DdpsRule = Readonly<Record<DdpsKey, string>>

/** Of a text of any key but the description. */
export const TEXT_MAX = 128
export const DESCRIPTION_MAX = 256
export const MINUTES_MAX = 1440

const isKey = (name: string): name is DdpsKey => (DDPS_KEYS as readonly string[]).includes(name)

const text = (longest: number) =>
  z
    .string({
      error: ({ input }) => (input === undefined ? 'is missing' : `is ${nameOf(input)} and not a text`),
    })
    .max(longest, { error: `is longer than ${longest} characters` })

const minutes = text(TEXT_MAX).refine(isDuration, {
  error: `is not a whole number of minutes from 1 to ${MINUTES_MAX}`,
})

/** An address without a length is no CIDR: nobody knows how much is meant, and a network of host bits says two things. */
const prefix = (mayBeEmpty: boolean) =>
  text(TEXT_MAX)
    .refine(
      value => (mayBeEmpty && value === '') || (value.includes('/') && parsePrefix(value) !== undefined),
      {
        error: 'is no prefix: write one such as 192.0.2.1/32',
      },
    )
    .refine(value => !value.includes('/') || !hasHostBits(value), {
      error: 'has host bits set: write the first address of the prefix',
    })

export const ddpsRuleSchema = z.strictObject({
  durationminutes: minutes,
  destinationprefix: prefix(false),
  sourceprefix: prefix(true),
  ipprotocol: text(TEXT_MAX),
  destinationport: text(TEXT_MAX),
  sourceport: text(TEXT_MAX),
  icmptype: text(TEXT_MAX),
  icmpcode: text(TEXT_MAX),
  tcpflags: text(TEXT_MAX),
  packetlength: text(TEXT_MAX),
  dscp: text(TEXT_MAX),
  fragmentencoding: text(TEXT_MAX),
  thenaction: text(TEXT_MAX),
  description: text(DESCRIPTION_MAX),
} satisfies Record<DdpsKey, z.ZodType<string>>)

export type ReadRule =
  | { readonly kind: 'rule'; readonly rule: DdpsRule }
  /** One for each fault, beginning with its key. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

/** Keys, types and lengths of a value that came as JSON; what the texts say is looked at by `convertRule`. */
export function readDdpsRule(value: unknown): ReadRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'problems', problems: [`the rule is ${nameOf(value)} and not an object`] }
  const read = ddpsRuleSchema.safeParse(value)
  if (read.success) return { kind: 'rule', rule: read.data }
  const problems = read.error.issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.slice(0, UNKNOWN_NAMED_MAX).map(unknownKey)
      : [`${issue.path.join('.')} ${issue.message}`],
  )
  return { kind: 'problems', problems }
}

/** So many unknown keys are named; whoever sends thousands is not answered in kind. */
const UNKNOWN_NAMED_MAX = 8
const NAMED_CHARACTERS = 40

function unknownKey(name: string): string {
  const advice = isKey(name.toLowerCase()) ? ': keys are written in lower case' : ''
  return `${JSON.stringify(name.slice(0, NAMED_CHARACTERS))} is no key of a rule${advice}`
}

function isDuration(value: string): boolean {
  return /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= MINUTES_MAX
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
