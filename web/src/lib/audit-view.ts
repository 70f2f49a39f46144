// The audit as its page asks for it: filters in the address, and all that fits as rows of a file.

import type { Audit } from '#api/contract/audit.ts'
import type { Failure, InputOf, Reply } from './api.ts'

/** More entries are not saved at once. */
export const ALL_MAX = 50_000

/** Filters that are text, by their names in the address and in the query. */
export const WORDS = [
  { name: 'who', label: 'Who', placeholder: 'user:ann' },
  { name: 'what', label: 'What', placeholder: 'announce' },
  { name: 'target', label: 'About', placeholder: '192.0.2.1' },
  { name: 'attack', label: 'Attack', placeholder: 'mi7kq3l9-1' },
  { name: 'mitigation', label: 'Mitigation', placeholder: 'mi7kq3l9-1.0' },
  { name: 'reason', label: 'In the reason', placeholder: 'ticket 4711' },
] as const

export const OUTCOMES = ['done', 'failed', 'refused', 'dry-run'] as const

/** What is no moment or outcome is left out. */
export function queryOf(get: (name: string) => string | undefined, limit: number): InputOf<'audit'> {
  const words = WORDS.flatMap(({ name }) => {
    const text = get(name)
    return text === undefined || text === '' ? [] : [[name, text] as const]
  })
  const spans = (['since', 'until'] as const).flatMap(name => {
    const at = momentOf(get(name))
    return at === undefined ? [] : [[name, at] as const]
  })
  const outcome = OUTCOMES.find(each => each === get('outcome'))
  return {
    limit,
    ...Object.fromEntries(words),
    ...Object.fromEntries(spans),
    ...(outcome === undefined ? {} : { outcome }),
  }
}

/** `2026-11-20T10:11`, in UTC, as a field for moments has it. */
function momentOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined
  const at = Date.parse(`${text}Z`)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

export const changeText = (value: unknown): string =>
  value === undefined ? '' : JSON.stringify(value, null, 2)

const TITLES = [
  ...([
    'at',
    'who',
    'what',
    'target',
    'outcome',
    'reason',
    'attack',
    'mitigation',
    'before',
    'after',
  ] as const),
  ...(['sequence', 'hash'] as const),
]

export type WholeAudit =
  | {
      readonly kind: 'ok'
      readonly titles: readonly string[]
      readonly lines: readonly (readonly (string | number)[])[]
    }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** All entries that fit, page by page, newest first, at most ALL_MAX. */
export async function wholeAudit(
  page: (before: number | undefined) => Promise<Reply<Audit>>,
): Promise<WholeAudit> {
  const lines: (string | number)[][] = []
  let before: number | undefined
  while (lines.length < ALL_MAX) {
    const reply = await page(before)
    if (reply.kind === 'failed') return reply
    const { entries } = reply.value
    lines.push(...entries.map(lineOf))
    before = entries.at(-1)?.sequence
    // Without a place in the chain there is no next page.
    if (before === undefined || before <= 1) break
  }
  return { kind: 'ok', titles: TITLES, lines: lines.slice(0, ALL_MAX) }
}

const lineOf = ({ at, who, what, target, outcome, reason, attackId, ...rest }: Audit['entries'][number]) => [
  ...[at, who, what, target, outcome, reason, attackId, rest.mitigationId ?? ''],
  ...[json(rest.before), json(rest.after), rest.sequence ?? '', rest.hash ?? ''],
]

const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))
