// Protection as the contract shows it: the words of stage 7 in the shape clients know.

import { z } from 'zod'
import type {
  BlockedView,
  CountermeasureView,
  CountersView,
  HolderView,
  ProfileView,
  ProtectionStatus,
} from '#7-mitigation/protection/desk.ts'
import type { Incident } from '#7-mitigation/protection/incident.ts'
import type { IncidentView } from './contract/incidents.ts'
import type { Countermeasure, Profile, Protection } from './contract/protection.ts'
import type { BlockedSource } from './contract/protection-requests.ts'

/** `profiles`: those that whoever asks may see. */
export const presentProtection = (
  { isArmed, defaultProfile, backEnds, warnings }: ProtectionStatus,
  profiles: readonly ProfileView[],
): Protection => ({
  isArmed,
  ...(defaultProfile === undefined ? {} : { defaultProfile }),
  backEnds: backEnds.map(({ problems, ...backEnd }) => ({ ...backEnd, problems: [...problems] })),
  warnings: [...warnings],
  profiles: profiles.map(presentProfile),
})

export function presentProfile(view: ProfileView): Profile {
  const { id, backEnd, prefixes, isDefault, tags, isOn, isConfiguredOn, sinceMs, carried, problems } = view
  return {
    ...{ id, backEnd, prefixes: [...prefixes], isDefault, tags: [...tags], isOn, isConfiguredOn },
    ...(sinceMs === undefined ? {} : { since: isoText(sinceMs) }),
    holders: view.holders.map(presentHolder),
    countermeasures: view.countermeasures.map(presentCountermeasure),
    ...{ carried, problems: [...problems] },
  }
}

function presentCountermeasure(view: CountermeasureView): Countermeasure {
  const { name, mode, configuredMode, parameters, holders, threshold, counters } = view
  return {
    ...{ name, mode, configuredMode, holders: holders.map(presentHolder) },
    // Plain data throughout: of the configuration.
    ...(parameters === undefined ? {} : { parameters: z.json().parse(parameters) }),
    ...(threshold === undefined ? {} : { threshold: presentThreshold(threshold) }),
    ...(counters === undefined ? {} : { counters: presentCounters(counters) }),
  }
}

const presentThreshold = ({ now, ...threshold }: NonNullable<CountermeasureView['threshold']>) => ({
  ...threshold,
  ...(now === undefined ? {} : { now }),
})

export const presentCounters = ({ readAt, ...counters }: CountersView) => ({
  ...counters,
  readAt: isoText(readAt),
})

const presentHolder = ({ by, who, target, mode, sinceMs, untilMs, tags }: HolderView) => ({
  ...{ by, who, mode, since: isoText(sinceMs), tags: [...tags] },
  ...(target === undefined ? {} : { target }),
  ...(untilMs === undefined ? {} : { until: isoText(untilMs) }),
})

export const presentBlocked = (view: BlockedView): BlockedSource => {
  const { profile, countermeasure, source, target, remainingSeconds } = view
  return {
    ...{ profile, countermeasure, source, remainingSeconds: Math.ceil(remainingSeconds) },
    ...(target === undefined ? {} : { target }),
  }
}

export const presentIncident = (incident: Incident): IncidentView => {
  const { beganAt, endedAt, causes, countermeasures, tags, ...others } = incident
  return {
    ...others,
    ...{ beganAt: isoText(beganAt), causes: [...causes], countermeasures: [...countermeasures] },
    ...(endedAt === undefined ? {} : { endedAt: isoText(endedAt) }),
    tags: [...tags],
  }
}

const isoText = (ms: number): string => new Date(ms).toISOString()
