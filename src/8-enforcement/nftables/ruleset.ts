// A table of nftables as plain data, and as a transaction for `nft -f`.

import { chunksOf } from '#lib/chunks.ts'
import { TABLE } from './names.ts'

export interface SetDeclaration {
  readonly name: string
  readonly type: string
  /**
   * Addresses and prefixes are told by us; a list is filled by the kernel and outlives a new ruleset; what a meter or a
   * count of connections has measured does not.
   */
  readonly kind: 'addresses' | 'prefixes' | 'list' | 'meter' | 'connections'
  readonly elements: readonly string[]
  /** Elements it has room for; of what the kernel fills. */
  readonly size?: number
  /** Elements go after so long by themselves, also when this program is dead. */
  readonly timeoutSeconds?: number
}

export interface ChainDeclaration {
  readonly name: string
  /** `type filter hook …`; missing: other chains jump to it. */
  readonly base?: string
  readonly rules: readonly string[]
}

export interface Ruleset {
  readonly sets: readonly SetDeclaration[]
  readonly counters: readonly string[]
  readonly chains: readonly ChainDeclaration[]
}

/** An element of a list, with what is left of its time. */
export interface KeptElement {
  readonly key: string
  readonly timeoutSeconds: number
  readonly expiresSeconds: number
}

/** What a new ruleset takes over from the one before. */
export interface Kept {
  readonly elements: ReadonlyMap<string, readonly KeptElement[]>
  readonly counts: ReadonlyMap<string, { readonly packets: number; readonly bytes: number }>
}

export const NOTHING_KEPT: Kept = { elements: new Map(), counts: new Map() }

/** Elements of a line: an error of nft quotes a whole line. */
const ELEMENTS_PER_LINE = 8

export const isEmpty = ({ chains }: Ruleset): boolean => chains.length === 0

/** Replaces the table as a whole, in one transaction: no packet meets half of it. Chains are declared before they are jumped to. */
export function printRuleset(ruleset: Ruleset, kept: Kept = NOTHING_KEPT): string {
  const lines = [
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...ruleset.counters.flatMap(name => counterLines(name, kept)),
    ...ruleset.sets.flatMap(set => setLines(set, kept)),
    ...ruleset.chains.flatMap(chainLines),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

export const REMOVAL = `table inet ${TABLE}\ndelete table inet ${TABLE}\n`

function counterLines(name: string, { counts }: Kept): string[] {
  const before = counts.get(name)
  const start = before === undefined ? [] : [`    packets ${before.packets} bytes ${before.bytes}`]
  return [`  counter ${name} {`, ...start, '  }']
}

const FLAGS: Readonly<Record<SetDeclaration['kind'], string | undefined>> = {
  addresses: undefined,
  prefixes: 'interval',
  list: 'dynamic,timeout',
  meter: 'dynamic,timeout',
  connections: 'dynamic',
}

function setLines(
  { name, type, kind, elements, size, timeoutSeconds }: SetDeclaration,
  kept: Kept,
): string[] {
  const flags = FLAGS[kind]
  const taken = kind === 'list' ? (kept.elements.get(name) ?? []) : []
  const all = [...elements, ...taken.slice(0, size).map(keptElement)]
  return [
    `  set ${name} {`,
    `    type ${type}`,
    ...(size === undefined ? [] : [`    size ${size}`]),
    ...(flags === undefined ? [] : [`    flags ${flags}`]),
    ...(timeoutSeconds === undefined ? [] : [`    timeout ${timeoutSeconds}s`]),
    ...(all.length === 0 ? [] : ['    elements = {', ...inLines(all), '    }']),
    '  }',
  ]
}

const keptElement = ({ key, timeoutSeconds, expiresSeconds }: KeptElement): string =>
  `${key} timeout ${timeoutSeconds}s expires ${expiresSeconds}s`

function inLines(elements: readonly string[]): string[] {
  const lines: string[] = []
  for (const some of chunksOf(elements, ELEMENTS_PER_LINE)) lines.push(`      ${some.join(', ')},`)
  return lines
}

const chainLines = ({ name, base, rules }: ChainDeclaration): string[] => [
  `  chain ${name} {`,
  ...(base === undefined ? [] : [`    ${base}`]),
  ...rules.map(rule => `    ${rule}`),
  '  }',
]
