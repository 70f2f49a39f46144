// Who carries actions out by a configuration, armed or not, in the order in which they are asked.

import { ANNOUNCERS, type Announcer } from '#6-policy/action.ts'
import { PROTECTORS, type Protector } from '#6-policy/countermeasure.ts'
import type { Carrier } from '#6-policy/planned-step.ts'
import { announcerOf } from '#6-policy/step-actions.ts'
import { announcementsOf } from './announcements.ts'
import type { ResolvedConfig } from './config.ts'

/** ExaBGP is there with its pipe; GoBGP, whose address has a default, with a next hop, when a playbook names it, or for rules by people. */
export function carriersOf(config: ResolvedConfig): Carrier[] {
  const { notifyScript, exabgp, gobgp } = config.enforcement
  const plans = announcementsOf(config)
  const isNamed = actionsOf(config).some(({ enforcer }) => enforcer === 'gobgp')
  const isThere: Readonly<Record<Announcer, boolean>> = {
    exabgp: exabgp.pipe !== undefined,
    gobgp: isNamed || gobgp.rulesByPeople || plans.some(({ enforcer }) => enforcer === 'gobgp'),
  }
  return [
    ...(notifyScript.path === undefined ? [] : [{ name: 'notify-script', actions: ['script'] as const }]),
    ...ANNOUNCERS.filter(name => isThere[name]).map(name => ({
      ...{ name, actions: ['blackhole', 'divert', 'filter'] as const },
    })),
    ...protectorsOf(config).map(name => ({ name, actions: ['countermeasure'] as const })),
  ]
}

/** Who carries protection profiles out: each that one of them names. */
export const protectorsOf = ({ protection }: ResolvedConfig): Protector[] => {
  const named = new Set(Object.values(protection.profiles).map(({ backEnd }) => backEnd))
  return PROTECTORS.filter(name => named.has(name))
}

/** The announcers that announcements, playbooks or rules by people need: these are connected to when armed. */
export function announcersOf(config: ResolvedConfig): ReadonlySet<Announcer> {
  const carriers = carriersOf(config)
  const byPlaybooks = actionsOf(config).flatMap(action => {
    if (action.kind === 'divert') return announcerOf(action, 'divert', carriers) ?? []
    const isRule = action.kind === 'rate-limit' || action.kind === 'discard'
    return isRule ? (announcerOf(action, 'filter', carriers) ?? []) : []
  })
  const byPeople = announcerOf({}, 'filter', carriers) ?? []
  return new Set(
    [...announcementsOf(config).map(({ enforcer }) => enforcer), ...byPlaybooks, byPeople].flat(),
  )
}

const actionsOf = ({ playbooks }: ResolvedConfig) =>
  playbooks.flatMap(({ steps }) => steps.flatMap(({ actions }) => actions))
