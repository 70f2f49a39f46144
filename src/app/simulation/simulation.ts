// The simulation as it is told: an attack, what would be decided about it and when, and what the rails say.

import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import { whyOpened } from '#5-evidence/report.ts'
import { actionText } from '#6-policy/action.ts'
import { type DecisionContext, decisionText } from '#6-policy/decide.ts'
import { inspect } from '#6-policy/guardrail.ts'
import { simulate as courseOf, type SimulatedMoment } from '#6-policy/simulate.ts'
import { actionsOf } from '#6-policy/wanted.ts'
import type { SimulateRequest, Simulation } from '#api/contract/simulate.ts'
import { asOpened, isVector, madeUpAttack } from './made-up-attack.ts'

export type Simulated =
  | { readonly kind: 'done'; readonly value: Simulation }
  | { readonly kind: 'refused'; readonly detail: string }

/** Where attacks that were are found, and the time. */
export interface SimulationSources {
  attackOf(id: string): Attack | undefined
  readonly now: number
}

/** What is asked for, by the context of now. */
export function simulate(
  request: SimulateRequest,
  context: DecisionContext,
  { attackOf, now }: SimulationSources,
): Simulated {
  const { attackId, madeUp } = request
  if (madeUp !== undefined) {
    if (isVector(madeUp.vector)) return simulationOf(madeUpAttack(madeUp, now), context, request)
    return {
      kind: 'refused',
      detail: `${madeUp.vector} is no vector (docs/reference/vectors.md) and no type`,
    }
  }
  const attack = attackId === undefined ? undefined : attackOf(attackId)
  if (attack !== undefined) return simulationOf(asOpened(attack), context, request)
  const detail =
    attackId === undefined ? 'name an attack, or make one up' : `no attack ${attackId} is remembered`
  return { kind: 'refused', detail }
}

/** Runs it by the context, of whose playbooks only the one that is asked for counts when one is. */
export function simulationOf(
  attack: OpenAttack,
  context: DecisionContext,
  { playbook, seconds, calmAfterSeconds }: Pick<SimulateRequest, 'playbook' | 'seconds' | 'calmAfterSeconds'>,
): Simulated {
  const { playbooks = [], rails } = context
  const asked = playbook === undefined ? playbooks : playbooks.filter(({ name }) => name === playbook)
  if (playbook !== undefined && asked.length === 0) {
    const names = playbooks.map(({ name }) => name).join(', ')
    return { kind: 'refused', detail: `there is no playbook ${playbook}; there is ${names || 'none'}` }
  }
  const moments = courseOf(attack, { ...context, playbooks: asked }, { seconds, calmAfterSeconds })
  const prefixes = attack.scope === 'host' ? [attack.host] : attack.prefixes
  return {
    kind: 'done',
    value: {
      host: attack.host,
      attack: `${attack.host}, ${attack.direction} ${attack.type}: ${whyOpened(attack)}`,
      moments: moments.map(moment => momentOf(moment, attack, context)),
      rails: inspect(attack.host, rails, prefixes).map(verdict => ({ ...verdict })),
    },
  }
}

function momentOf(
  { atSeconds, decision }: SimulatedMoment,
  attack: OpenAttack,
  { playbooks = [] }: DecisionContext,
): Simulation['moments'][number] {
  const { ladder, ttlSeconds } = decision
  const steps = playbooks.find(({ name }) => name === ladder?.playbook)?.steps
  return {
    atSeconds,
    kind: decision.kind,
    ...(ladder === undefined ? {} : { playbook: ladder.playbook, step: steps?.[ladder.step]?.name ?? '' }),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    actions: actionsOf(decision).map(actionText),
    text: decisionText(attack, decision),
  }
}
