// Which prefixes a country has, from a CSV file in either of the two forms in which such lists are given away: a prefix and a
// code (`192.0.2.0/24,DE`), or the first and last address and a code (`192.0.2.0,192.0.2.255,DE`; addresses may be numbers).

import { type Address, bitsOf, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { prefixesOfSpan, type Span, spanOf } from '#lib/ip/span.ts'

/** Canonical prefixes of the countries with these codes together. */
export type CountryPrefixes = (codes: readonly string[]) => string[]

export type ReadCountries =
  | { readonly kind: 'read'; readonly prefixesOf: CountryPrefixes; readonly lines: number }
  | { readonly kind: 'refused'; readonly problem: string }

export const DATABASE_BYTES_MAX = 256 << 20
const PREFIXES_MAX = 250_000
const WRONG_LINES_MAX = 0.01
const SHOWN_CHARACTERS = 60

/** Keeps the countries that are `wanted` and no others. A file of which more than a hundredth cannot be read is refused. */
export function readCountries(text: string, wanted: ReadonlySet<string>): ReadCountries {
  const spans = new Map<string, Span[]>()
  let lines = 0
  let wrong = 0
  let firstWrong = ''
  for (const line of linesOf(text)) {
    if (line === '' || line.startsWith('#')) continue
    lines++
    const read = readLine(line)
    if (read === undefined) {
      // The first line may name the columns.
      if (lines === 1) continue
      wrong++
      firstWrong ||= line
    } else if (wanted.has(read.code)) {
      const of = spans.get(read.code)
      if (of === undefined) spans.set(read.code, [read.span])
      else of.push(read.span)
    }
  }
  if (wrong > lines * WRONG_LINES_MAX)
    return refused(
      `${wrong} of ${lines} lines are neither prefix,country nor first,last,country, such as ${JSON.stringify(firstWrong.slice(0, SHOWN_CHARACTERS))}`,
    )
  const missing = [...wanted].filter(code => !spans.has(code))
  if (missing.length > 0) return refused(`it has no line for ${missing.slice(0, 10).join(', ')}`)
  const prefixes = new Map(
    [...spans].map(([code, of]) => [code, of.flatMap(prefixesOfSpan).map(formatPrefix)]),
  )
  const most = [...prefixes.values()].reduce((sum, { length }) => sum + length, 0)
  if (most > PREFIXES_MAX)
    return refused(`the countries have ${most} prefixes together, and ${PREFIXES_MAX} are the most`)
  return { kind: 'read', lines, prefixesOf: codes => codes.flatMap(code => prefixes.get(code) ?? []) }
}

const refused = (problem: string): ReadCountries => ({ kind: 'refused', problem })

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    yield text.slice(at, end < 0 ? text.length : end).trim()
    at = end < 0 ? text.length : end + 1
  }
}

function readLine(line: string): { readonly span: Span; readonly code: string } | undefined {
  const [first = '', second = '', third = ''] = line
    .split(',', 3)
    .map(field => field.trim().replace(/^"(.*)"$/, '$1'))
  if (/^[A-Za-z]{2}$/.test(second)) {
    const prefix = parsePrefix(first)
    return prefix === undefined ? undefined : { span: spanOf(prefix), code: second.toUpperCase() }
  }
  if (!/^[A-Za-z]{2}$/.test(third)) return undefined
  const [from, to] = [addressOf(first), addressOf(second)]
  if (from === undefined || to?.family !== from.family || to.value < from.value) return undefined
  return { span: { family: from.family, first: from.value, last: to.value }, code: third.toUpperCase() }
}

const NUMBER_DIGITS_MAX = 39

/** Numbers above those of IPv4 are of IPv6. */
function addressOf(text: string): Address | undefined {
  if (!/^\d+$/.test(text)) return parseAddress(text)
  if (text.length > NUMBER_DIGITS_MAX) return undefined
  const value = BigInt(text)
  const family = value < 1n << 32n ? 4 : 6
  return value < 1n << BigInt(bitsOf(family)) ? { family, value } : undefined
}
