// A countermeasure that a step wants: which one answers the attack, and in which profile its target lies.

import type { Attack } from '#4-detection/attack.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import {
  type CountermeasureName,
  chooseCountermeasures,
  ELSE,
  type ProfileMeans,
  profileAround,
  targetsOf,
  USUAL_TABLE,
} from './countermeasure.ts'
import { distilledRules } from './distilled-rules.ts'
import { does, impossible, NOTHING, type PlannedStep, type StepMeans } from './planned-step.ts'
import type { StepActionConfig } from './playbook-config.ts'

export function planCountermeasures(wanted: StepActionConfig, attack: Attack, means: StepMeans): PlannedStep {
  if (attack.direction !== 'incoming' && attack.origin === 'detected')
    return impossible('means', 'countermeasures protect hosts of ours, and this flood does not come to one')
  const targets = targetsOf(attack)
  const names =
    wanted.countermeasure === undefined
      ? chooseCountermeasures(attack, wanted.byType)
      : [wanted.countermeasure]
  const plans = targets.flatMap(target => {
    const profile = profileAround(means.protection ?? [], target, wanted.profile)
    const text = formatPrefix(target)
    if (profile === undefined) return [impossible('means', whyNoProfile(text, wanted.profile))]
    return names.map(name => planOne(profile, name, { wanted, attack, means, target: text }))
  })
  return together(plans)
}

const whyNoProfile = (target: string, name: string | undefined): string =>
  name === undefined
    ? `no protection profile covers ${target}, and there is no default one`
    : `the protection profile ${name} does not cover ${target}`

interface Around {
  readonly wanted: StepActionConfig
  readonly attack: Attack
  readonly means: StepMeans
  readonly target: string
}

function planOne(profile: ProfileMeans, name: CountermeasureName, around: Around): PlannedStep {
  const { wanted, attack, means, target } = around
  const instead = insteadOf(profile, name, wanted)
  if (instead === undefined) return impossible('means', `the protection profile ${profile.id} has no ${name}`)
  const { id, enforcer } = profile
  const action = {
    kind: 'countermeasure',
    enforcer,
    profile: id,
    countermeasure: instead,
    prefix: target,
  } as const
  if (instead === 'filter')
    return withRules(attack, means, rules => does({ action: { ...action, rules }, bound: undefined }))
  const note = instead === name ? {} : { note: `the profile has no ${name}` }
  return does({ action, bound: undefined, ...note })
}

/** What the table says of whatever remains takes the place of a countermeasure that the profile has not. */
function insteadOf(
  { countermeasures }: ProfileMeans,
  name: CountermeasureName,
  { countermeasure, byType }: StepActionConfig,
): CountermeasureName | undefined {
  if (countermeasures.includes(name)) return name
  const rest = byType?.[ELSE] ?? USUAL_TABLE[ELSE]
  return countermeasure === undefined && rest !== undefined && countermeasures.includes(rest)
    ? rest
    : undefined
}

function withRules(
  attack: Attack,
  means: StepMeans,
  make: (rules: readonly string[]) => PlannedStep,
): PlannedStep {
  const made = distilledRules(attack, { kind: 'discard' }, means)
  if (made.kind === 'sought') return { ...NOTHING, waits: [made.reason] }
  if (made.kind === 'inseparable') return impossible('inseparable', made.reason)
  const problems = impossible('rule', ...made.problems)
  return made.rules.length === 0 ? problems : together([make(made.rules.map(({ text }) => text)), problems])
}

const together = (plans: readonly PlannedStep[]): PlannedStep => ({
  planned: plans.flatMap(({ planned }) => planned),
  refusals: plans.flatMap(({ refusals }) => refusals),
  waits: [...new Set(plans.flatMap(({ waits }) => waits))],
})
