// Our words for countermeasures and MITIGATOR's codes; and which countermeasure an attack asks for, by FastNetMon's words.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'

const LINE_CHARACTERS_MAX = 200

interface Code {
  readonly code: string
  /** Of targets with IPv6 addresses, where it has a twin. */
  readonly code6?: string
}

/** Of a policy. What MITIGATOR has in General protection alone (fragments, rates of each target) or not at all is missing. */
const CODES: Readonly<Partial<Record<CountermeasureName, Code>>> = {
  whitelist: { code: 'wl', code6: 'wl6' },
  blacklist: { code: 'bl', code6: 'bl6' },
  'temporary-blacklist': { code: 'tbl', code6: 'tbl6' },
  'header-sanity': { code: 'val', code6: 'val6' },
  acl: { code: 'acl', code6: 'acl6' },
  'source-limit': { code: 'sorb' },
  'syn-proxy': { code: 'tcp' },
  'connection-rate': { code: 'crb' },
  'connection-limit': { code: 'lcon' },
  'rate-limit': { code: 'lim', code6: 'lim6' },
}

/** `undefined`: MITIGATOR has none for a policy. */
export function codeOf(name: CountermeasureName, family: 4 | 6): string | undefined {
  const code = CODES[name]
  return family === 6 ? (code?.code6 ?? code?.code) : code?.code
}

/** From our word or MITIGATOR's code. */
export function countermeasureOf(word: string): CountermeasureName | undefined {
  const names = Object.keys(CODES) as CountermeasureName[]
  return names.find(name => name === word || CODES[name]?.code === word)
}

/** All that may be written. */
export const COUNTERMEASURE_WORDS: readonly string[] = Object.entries(CODES).flatMap(([name, { code }]) => [
  name,
  code,
])

/** What a report says of an attack: last words of `Attack type:` and `Attack protocol:`. */
export interface ReportedAttack {
  readonly type: string | undefined
  readonly protocol: string | undefined
}

export interface Choice {
  /** A type or a protocol. */
  readonly word: string
  readonly countermeasure: CountermeasureName
}

/** MITIGATOR's own choice: a SYN flood or TCP, then ICMP, else by source. */
const DEFAULT_CHOICES: readonly Choice[] = [
  { word: 'syn_flood', countermeasure: 'syn-proxy' },
  { word: 'tcp', countermeasure: 'syn-proxy' },
  { word: 'icmp_flood', countermeasure: 'acl' },
  { word: 'icmp', countermeasure: 'acl' },
]

/** `before` is asked first; `undefined` when the report does not say enough. */
export function chooseCountermeasure(
  { type, protocol }: ReportedAttack,
  before: readonly Choice[] = [],
): CountermeasureName | undefined {
  if (type === undefined && protocol === undefined) return undefined
  const found = [...before, ...DEFAULT_CHOICES].find(({ word }) => word === type || word === protocol)
  return found?.countermeasure ?? 'source-limit'
}

/** Of the first line of each; a report may hold more of them further down. */
export function attackOfReport(text: string): ReportedAttack {
  const lines = text.split('\n')
  const wordAfter = (label: string) =>
    lines
      .find(line => line.startsWith(label))
      ?.slice(label.length, LINE_CHARACTERS_MAX)
      .trim()
      .split(/\s+/)
      .findLast(word => word !== '')
      ?.toLowerCase()
  return { type: wordAfter('Attack type:'), protocol: wordAfter('Attack protocol:') }
}
