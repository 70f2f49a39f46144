// Distilled rules in the words of whoever carries them out.

import { writeRule } from '#compat/ddps/from-rule.ts'
import type { DdpsRule } from '#compat/ddps/rule.ts'
import { announceToExabgp } from '#lib/flowspec/exabgp.ts'
import { printGobgp } from '#lib/flowspec/gobgp-command.ts'
import { printIosXr } from '#lib/flowspec/ios-xr.ts'
import { printJunos } from '#lib/flowspec/junos.ts'
import { printNftables } from '#lib/flowspec/nftables/print-nftables.ts'
import { type Printed, problemOfRule, textOf } from '#lib/flowspec/printed.ts'
import type { Rule } from '#lib/flowspec/rule.ts'

export interface RulePapers {
  /** Of DDPS's rules. */
  readonly description: string
  readonly seconds: number
}

export const RULE_FORMATS = ['ddps', 'gobgp', 'exabgp', 'junos', 'ios-xr', 'nftables'] as const
export type RuleFormat = (typeof RULE_FORMATS)[number]

export function rulesAs(format: RuleFormat, rules: readonly Rule[], papers: RulePapers): Printed {
  switch (format) {
    case 'ddps':
      return printDdps(rules, papers)
    case 'gobgp':
      return printGobgp(rules)
    case 'exabgp':
      return printExabgp(rules)
    case 'junos':
      return printJunos(rules)
    case 'ios-xr':
      return printIosXr(rules)
    case 'nftables':
      return printNftables(rules)
  }
}

/** One rule is an object, as DDPS's own client takes it; several are a list. */
function printDdps(rules: readonly Rule[], papers: RulePapers): Printed {
  const written = ddpsRules(rules, papers)
  if ('problems' in written) return { kind: 'impossible', problems: written.problems }
  const [first, ...others] = written.rules
  return textOf([JSON.stringify(others.length === 0 ? first : written.rules, null, 2)])
}

/** The fourteen keys of each rule, or why DDPS cannot say one of them. */
export function ddpsRules(
  rules: readonly Rule[],
  papers: RulePapers,
): { readonly rules: readonly DdpsRule[] } | { readonly problems: readonly string[] } {
  const made: DdpsRule[] = []
  const problems: string[] = []
  for (const rule of rules) {
    const written = writeRule(rule, papers)
    if (written.kind === 'keys') made.push(written.rule)
    else problems.push(problemOfRule(rule, written.problem))
  }
  return problems.length === 0 ? { rules: made } : { problems }
}

function printExabgp(rules: readonly Rule[]): Printed {
  const lines: string[] = []
  const problems: string[] = []
  for (const rule of rules) {
    const command = announceToExabgp(rule)
    if (command.kind === 'command') lines.push(command.text)
    else problems.push(problemOfRule(rule, `ExaBGP has no words for ${command.what}`))
  }
  return problems.length === 0 ? textOf(lines) : { kind: 'impossible', problems }
}
