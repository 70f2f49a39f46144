// The FlowSpec rules that a gobgpd holds, as its own command lists them: `gobgp global rib -a ipv4-flowspec -j`.

import { z } from 'zod'
import { decodeNlri } from '#lib/flowspec/decode.ts'
import { AND, END_OF_LIST } from '#lib/flowspec/encode.ts'
import { type Action, COMPONENT_NUMBERS, type Flow, type Rule } from '#lib/flowspec/rule.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'

export interface Listed {
  readonly rules: readonly Rule[]
  /** What is listed and cannot be read, one line each. */
  readonly problems: readonly string[]
}

const prefixSchema = z.looseObject({
  type: z.number(),
  value: z.looseObject({ prefix: z.string() }),
  offset: z.number().default(0),
})
const listSchema = z.looseObject({
  type: z.number(),
  value: z.array(z.looseObject({ op: z.number(), value: z.number() })),
})
const communitySchema = z.looseObject({
  type: z.number(),
  subtype: z.number().optional(),
  as: z.number().default(0),
  rate: z.number().optional(),
  /** A mark is a number, a redirect a text, what gobgp does not know is base64. */
  value: z.union([z.number(), z.string()]).optional(),
  terminal: z.boolean().default(false),
  sample: z.boolean().default(false),
})
const pathSchema = z.looseObject({
  best: z.boolean().default(false),
  nlri: z.looseObject({ value: z.array(z.union([prefixSchema, listSchema])) }),
  attrs: z.array(z.looseObject({ type: z.number(), value: z.unknown().optional() })),
})
const ribSchema = z.record(z.string(), z.array(pathSchema)).nullable()

const EXTENDED_COMMUNITIES = 16
const IPV6_EXTENDED_COMMUNITIES = 25
/** Two bits of the operator say how long the value is: four octets. */
const FOUR_OCTETS = 0x20
/** What is left of an operator without its end bit and its length. */
const TESTS = 7

/** Throws when it is no listing at all. */
export function rulesListed(json: string, family: 4 | 6): Listed {
  const rules: Rule[] = []
  const problems: string[] = []
  for (const [key, paths] of Object.entries(ribSchema.parse(JSON.parse(json)) ?? {})) {
    const path = paths.find(({ best }) => best)
    if (path === undefined) continue
    const flow = flowOf(path.nlri.value, family)
    if (flow === undefined) problems.push(`${key}: what it matches cannot be read`)
    else
      rules.push({ ...flow, actions: path.attrs.flatMap(attribute => actionsOf(attribute, key, problems)) })
  }
  return { rules, problems }
}

type Part = z.infer<typeof prefixSchema> | z.infer<typeof listSchema>

/** Written as an NLRI and read from there: that is where what a rule may hold is checked. */
function flowOf(parts: readonly Part[], family: 4 | 6): Flow | undefined {
  const octets = parts.map(part => octetsOf(part, family))
  if (octets.some(part => part === undefined)) return undefined
  const body = octets.flatMap(part => part ?? [])
  if (body.length > 0xfff) return undefined
  const decoded = decodeNlri(Uint8Array.from([0xf0 | (body.length >> 8), body.length & 255, ...body]), family)
  return decoded.kind === 'flow' ? decoded.flow : undefined
}

function octetsOf(part: Part, family: 4 | 6): number[] | undefined {
  const { value } = part
  if (Array.isArray(value)) {
    return [
      part.type,
      ...value.flatMap(({ op, value: number }, at) => {
        const end = at === value.length - 1 ? END_OF_LIST : 0
        return [
          (op & (AND | TESTS)) | FOUR_OCTETS | end,
          ...[24, 16, 8, 0].map(shift => (number >>> shift) & 255),
        ]
      }),
    ]
  }
  const prefix = parsePrefix(value.prefix)
  const offset = Number(part['offset'] ?? 0)
  if (prefix?.family !== family || part.type > COMPONENT_NUMBERS.source) return undefined
  const width = prefix.length - offset
  const bytes = Math.ceil(width / 8)
  const drop = BigInt((family === 4 ? 32 : 128) - prefix.length)
  const pattern = ((prefix.value >> drop) & ((1n << BigInt(width)) - 1n)) << BigInt(bytes * 8 - width)
  const octets = Array.from({ length: bytes }, (_, at) =>
    Number((pattern >> BigInt(8 * (bytes - 1 - at))) & 255n),
  )
  return [part.type, prefix.length, ...(family === 6 ? [offset] : []), ...octets]
}

function actionsOf(attribute: { type: number; value?: unknown }, key: string, problems: string[]): Action[] {
  if (attribute.type === IPV6_EXTENDED_COMMUNITIES)
    problems.push(`${key}: a redirect of IPv6 is not followed`)
  if (attribute.type !== EXTENDED_COMMUNITIES) return []
  const communities = z.array(communitySchema).safeParse(attribute.value)
  if (!communities.success) {
    problems.push(`${key}: its communities cannot be read`)
    return []
  }
  return communities.data.flatMap(community => {
    const action = actionOf(community)
    if (action !== undefined) return [action]
    problems.push(`${key}: ${JSON.stringify(community)} is not done`)
    return []
  })
}

/** Subtypes of the generic transitive type 0x80 (RFC 8955, section 7). */
function actionOf(community: z.infer<typeof communitySchema>): Action | undefined {
  const { type, subtype, as: asn, rate, value, terminal, sample } = community
  if (type !== 0x80) return undefined
  if (subtype === 6 && rate !== undefined)
    return rate === 0 ? { kind: 'discard' } : { kind: 'rate-bytes', bytesPerSecond: rate, asn }
  if (subtype === 7) return { kind: 'traffic-action', isSampled: sample, isTerminal: terminal }
  if (subtype === 9 && typeof value === 'number') return { kind: 'mark', dscp: value & 63 }
  if (subtype !== 8 && typeof value === 'string') return packetRateOf(value)
  return undefined
}

/** What gobgp does not know it lists as base64, without the first octet (draft-ietf-idr-flowspec-packet-rate). */
function packetRateOf(base64: string): Action | undefined {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== 7 || bytes[0] !== 0x0c) return undefined
  const packetsPerSecond = bytes.readFloatBE(3)
  return packetsPerSecond === 0
    ? { kind: 'discard' }
    : { kind: 'rate-packets', packetsPerSecond, asn: bytes.readUInt16BE(1) }
}
