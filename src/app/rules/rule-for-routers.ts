// A rule as each kind of router can have it, and in the words of routers and programs, for previews.

import { ENFORCING_ROUTERS, type EnforcingRouter, profileOf } from '#6-policy/router-fit.ts'
import type { RouterPreview, RulePreview, WordedRule } from '#api/contract/rule-preview.ts'
import { RULE_FORMATS } from '#api/contract/rule-preview.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { fit } from '#lib/flowspec/router-profile/fit.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { rulesAs } from '../distill/rules-as.ts'

/** `text`: a rule with what is done. One that does nothing is announced to nobody, so nothing is said of it. */
export function ruleForRouters(text: string): Pick<RulePreview, 'routers' | 'words'> {
  const parsed = parseRule(text)
  if (parsed.kind !== 'parsed' || parsed.value.actions.length === 0) return { routers: [], words: [] }
  const rule = parsed.value
  return {
    routers: ENFORCING_ROUTERS.map(router => routerPreview(rule, router)),
    words: RULE_FORMATS.map(format => worded(rule, format)),
  }
}

function routerPreview(rule: Rule, router: EnforcingRouter): RouterPreview {
  const profile = profileOf(router)
  const { name, note, evidence } = profile
  const fitted = fit(rule, profile, { allowWider: false })
  const facts = { router, name, note, evidence, fit: fitted.kind }
  switch (fitted.kind) {
    case 'as-is':
      return { ...facts, rule: printRule(rule), reasons: [] }
    case 'degraded':
      return { ...facts, rule: printRule(canonical(fitted.rule)), reasons: [...fitted.reasons] }
    case 'refused':
      return { ...facts, reasons: [...fitted.reasons] }
  }
}

function worded(rule: Rule, format: WordedRule['format']): WordedRule {
  const printed = rulesAs(format, [rule], { description: '', seconds: 0 })
  return printed.kind === 'impossible'
    ? { format, problem: printed.problems.join('; ') }
    : { format, text: printed.text }
}
