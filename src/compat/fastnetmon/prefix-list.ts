// The networks list and the whitelist: one prefix per line.

import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import type { Place, Problem } from '#lib/schema/problem.ts'
import { confProblem, quote } from './conf-lines.ts'

export interface PlacedPrefix {
  readonly text: string
  readonly place: Place
}

export interface PrefixList {
  readonly prefixes: readonly PlacedPrefix[]
  readonly problems: readonly Problem[]
}

/** Reads the lines of a list; comments begin with `#`. A line that is no prefix is left out and reported. */
export function readPrefixList(text: string, file: string): PrefixList {
  const prefixes: PlacedPrefix[] = []
  const problems: Problem[] = []
  const lineOf = new Map<string, number>()
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.replace(/#.*/, '').trim()
    if (words === '') continue
    const place = { file, line: at + 1, column: line.indexOf(words) + 1 }
    const report = (message: string) =>
      problems.push(confProblem('fastnetmon-list-line', 'warning', place, message))
    const prefix = parsePrefix(words)
    if (prefix === undefined) {
      report(
        `expected a prefix such as 192.0.2.0/24 or 2001:db8::/32, found ${quote(words)}; the line is left out`,
      )
      continue
    }
    if (!words.includes('/'))
      report(`${words} has no length and counts as one host (FastNetMon leaves it out)`)
    const earlier = lineOf.get(formatPrefix(prefix))
    if (earlier !== undefined) {
      const message = `${formatPrefix(prefix)} stands on line ${earlier} already`
      problems.push(confProblem('fastnetmon-list-line', 'notice', place, message))
      continue
    }
    lineOf.set(formatPrefix(prefix), place.line)
    prefixes.push({ text: words, place })
  }
  return { prefixes, problems }
}
