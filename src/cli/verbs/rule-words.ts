// Rules by people in words, and the options that several verbs about them have.

import type { Command } from 'commander'
import type { Rules, RuleView } from '#api/contract/rules.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { durationSeconds, expiryMoment } from '../parse.ts'
import { table } from '../table.ts'

export interface EndFlags {
  readonly ttl?: number
  readonly until?: string
}

/** One of the two says when it ends. */
export const addEnd = (verb: Command): Command =>
  verb
    .option('--ttl <duration>', 'it ends after so long: 600, 10m, 2h or 1d', durationSeconds)
    .addOption(
      verb
        .createOption('--until <when>', 'it ends at a moment such as 2027-01-01T00:00:00Z')
        .argParser(expiryMoment)
        .conflicts('ttl'),
    )

export const endOf = ({ ttl, until }: EndFlags) => ({
  ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
  ...(until === undefined ? {} : { until }),
})

export function rulesText({ rules, nextCursor, live }: Rules): string {
  if (rules.length === 0) return live === 0 ? 'There are no live rules.\n' : 'No rule is like that.\n'
  const more = nextCursor === undefined ? '' : `and more: --cursor ${nextCursor}\n`
  return rowsText(rules) + more
}

export function rowsText(rules: readonly RuleView[]): string {
  const rows = rules.map(rule => [
    ...[rule.id, rule.dryRun ? `${rule.state} (dry run)` : rule.state],
    momentText(Date.parse(rule.startsAt)),
    rule.renews ? 'somebody ends it' : momentText(Date.parse(rule.endedAt ?? rule.endsAt)),
    rule.kind === 'blackhole' ? `blackhole ${rule.rule}` : rule.rule,
    rule.reason,
  ])
  return table([['id', 'state', 'from', 'until', 'rule', 'why'], ...rows])
}

export function oneRuleText(rule: RuleView): string {
  const { createdAt, createdBy, via, customer, endedBy, problem, attackId } = rule
  const lines = [
    `  made by ${createdBy} at ${momentText(Date.parse(createdAt))} (${via})`,
    ...(customer === undefined ? [] : [`  customer: ${customer}`]),
    ...(attackId === undefined ? [] : [`  carried out as attack ${attackId}`]),
    ...(endedBy === undefined ? [] : [`  withdrawn by ${endedBy}`]),
    ...(problem === undefined ? [] : [`  ${problem}`]),
  ]
  return `${rowsText([rule])}${lines.join('\n')}\n`
}
