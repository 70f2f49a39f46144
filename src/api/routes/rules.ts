// Rules by people: listed, made, extended, taken back and tried again; blackholes; panic.

import { ROUTES } from '../contract/routes.ts'
import type { RuleDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addRuleRoutes(router: Router, desk: RuleDesk): void {
  router.add(ROUTES.rules, (query, caller) => ({ kind: 'ok', value: desk.list(query, caller) }))
  router.add(ROUTES.rule, ({ id }, caller) => {
    const value = desk.get(id, caller)
    return value === undefined ? { kind: 'refused', code: 'unknown-rule' } : { kind: 'ok', value }
  })
  router.add(ROUTES.addRule, async (rule, caller) => answerOf(await desk.create(rule, caller)))
  router.add(ROUTES.previewRule, async (rule, caller) => answerOf(await desk.preview(rule, caller)))
  router.add(ROUTES.templates, () => ({ kind: 'ok', value: desk.templates() }))
  router.add(ROUTES.applyTemplate, async (asked, caller) => answerOf(await desk.applyTemplate(asked, caller)))
  router.add(ROUTES.applyPack, async (asked, caller) => answerOf(await desk.applyPack(asked, caller)))
  router.add(ROUTES.extendRule, async (asked, caller) => answerOf(await desk.extend(asked, caller)))
  router.add(ROUTES.withdrawRule, async ({ id, reason }, caller) =>
    answerOf(await desk.withdraw(id, reason, caller)),
  )
  router.add(ROUTES.retryRule, async ({ id }, caller) => answerOf(await desk.retry(id, caller)))
  router.add(ROUTES.addBlackhole, async (asked, caller) => answerOf(await desk.blackhole(asked, caller)))
  router.add(ROUTES.endBlackhole, async ({ prefix, reason }, caller) =>
    answerOf(await desk.endBlackhole(prefix, reason, caller)),
  )
  router.add(ROUTES.panic, async (asked, caller) => ({ kind: 'ok', value: await desk.panic(asked, caller) }))
}
