// Rules: added as DDPS has it, and listed and withdrawn, which DDPS has in its database alone.

import { z } from 'zod'
import { writeRule } from '../from-rule.ts'
import { readDdpsRule } from '../rule.ts'
import { convertRule } from '../to-rule.ts'
import { readJson } from './body.ts'
import type { RuleRoom, RuleRow } from './desk.ts'
import type { DdpsMetrics } from './metrics.ts'
import { Refusal } from './refusal.ts'
import type { DdpsRoute } from './route.ts'
import type { DdpsTokens } from './token-desk.ts'

const listSchema = z.object({ which: z.enum(['active', 'all']).default('active') })
const pathSchema = z.object({ id: z.string() })

export const ruleRoutes = (
  rules: RuleRoom,
  { credential }: Pick<DdpsTokens, 'credential'>,
  metrics: Pick<DdpsMetrics, 'ordered'>,
): readonly DdpsRoute[] => [
  {
    ...{ method: 'POST', path: '/addrule', role: 'operator', reach: 'customers', credential },
    handle: async request => {
      const json = readJson(request)
      if (json === undefined) throw refuse(metrics, 'syntax', new Refusal(400, 'json validation error'))
      const read = readDdpsRule(json)
      if (read.kind === 'problems') {
        const list = read.problems.join('; ')
        const text = `field validation / data type error(s): ${list}, rule discarded`
        throw refuse(metrics, 'syntax', new Refusal(422, text))
      }
      const { identity } = request
      const converted = convertRule(read.rule, {
        actions: rules.actions(),
        mayTouch: target => rules.mayTouch(target, identity),
      })
      if (converted.kind === 'refused')
        throw refuse(metrics, converted.because, new Refusal(400, converted.text))
      const { rule, seconds } = converted
      const outcome = await rules.add({ rule, seconds, description: read.rule.description }, identity)
      if (outcome.kind === 'refused') {
        const status = outcome.because === 'unavailable' ? 503 : 400
        throw refuse(metrics, outcome.because, new Refusal(status, outcome.text))
      }
      metrics.ordered('accepted')
      return 'rule accepted'
    },
  },
  {
    ...{ method: 'GET', path: '/rules', role: 'viewer', reach: 'customers', credential },
    handle: async request => {
      const query = listSchema.safeParse(request.query)
      if (!query.success) throw new Refusal(400, 'which is active or all')
      return (await rules.list(query.data.which, request.identity)).map(presentRow)
    },
  },
  {
    ...{ method: 'POST', path: '/rules/:id/withdraw', role: 'operator', reach: 'customers', credential },
    handle: async request => {
      const { id } = pathSchema.parse(request.params)
      const outcome = await rules.withdraw(id, request.identity)
      switch (outcome.kind) {
        case 'withdrawn':
          return 'rule withdrawn'
        case 'over':
          return 'rule expired'
        case 'unknown':
          throw new Refusal(404, 'no such rule')
        case 'refused':
          throw new Refusal(400, outcome.text)
      }
    },
  },
]

function refuse(
  metrics: Pick<DdpsMetrics, 'ordered'>,
  because: Parameters<DdpsMetrics['ordered']>[0],
  refusal: Refusal,
): Refusal {
  metrics.ordered(because)
  return refusal
}

/** The fourteen keys too, where they can say it. */
function presentRow({ id, status, text, rule, description, ...row }: RuleRow): object {
  const { startsAt, endsAt, createdAt, createdBy, sourceApp } = row
  const papers = { seconds: Math.max((endsAt - startsAt) / 1000, 1), description }
  const written = rule === undefined ? undefined : writeRule(rule, papers)
  return {
    ...{ flowspecruleid: id, status, flowspec: text },
    ...{ validfrom: textOf(startsAt), validto: textOf(endsAt), createdon: textOf(createdAt) },
    ...{ username: createdBy, sourceapp: sourceApp, description },
    ...(written?.kind === 'keys' ? written.rule : {}),
  }
}

const textOf = (at: number): string => new Date(at).toISOString()
