// Who needs which switch of which policy, and how each stood before we touched it: plain values, changed by pure functions.
//
// Switches are counted by victim: one stays on while any victim needs it, and goes back to how it was found afterwards.

import { z } from 'zod'
import { isSwitchName, type SwitchName } from './contract.ts'

const switchSchema = z.string().refine(isSwitchName)

const holdSchema = z.strictObject({
  /** Missing: not found out yet. */
  policy: z.int().positive().optional(),
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  /** In the order in which they go on. */
  switches: z.array(switchSchema),
  sinceMs: z.number(),
  /** Whoever holds has to come again before, or it ends. */
  untilMs: z.number(),
})
export type Hold = z.infer<typeof holdSchema>

const touchedSchema = z.strictObject({
  /** How it stood when we came. */
  prior: z.boolean(),
  /** Seen or set to be on for all who hold it. */
  isOn: z.boolean(),
})

export const holdsSchema = z.strictObject({
  /** By address of the victim. */
  victims: z.record(z.string(), holdSchema),
  /** By policy and switch: `7/acl`. */
  touched: z.record(z.string().regex(/^\d+\/[a-z0-9_]+$/), touchedSchema),
})
export type Holds = z.infer<typeof holdsSchema>

/** What is to be done next, one request after the other. `key` names it among others of its time. */
export type Step =
  | { readonly kind: 'find-policy'; readonly key: string; readonly victim: string }
  | {
      readonly kind: 'on' | 'off'
      readonly key: string
      readonly policy: number
      readonly name: SwitchName
    }

export const NO_HOLDS: Holds = { victims: {}, touched: {} }
export const VICTIMS_MAX = 10_000

/** MITIGATOR's script has these off first, then all others; diversion and the policy itself are last. */
const OFF_FIRST: readonly SwitchName[] = ['tcp', 'acl', 'sorb']
const OFF_LAST: readonly SwitchName[] = ['announce', 'state']

const keyOf = (policy: number, name: SwitchName): string => `${policy}/${name}`

/** Adds to what a victim holds. `undefined`: there are too many victims. */
export function hold(
  holds: Holds,
  victim: string,
  wish: Pick<Hold, 'protocol' | 'switches'>,
  times: { readonly nowMs: number; readonly untilMs: number },
): Holds | undefined {
  const before = holds.victims[victim]
  if (before === undefined && Object.keys(holds.victims).length >= VICTIMS_MAX) return undefined
  const switches = [...new Set([...(before?.switches ?? []), ...wish.switches])]
  const after: Hold = {
    ...(before?.policy === undefined ? {} : { policy: before.policy }),
    ...{ protocol: wish.protocol, switches },
    ...{ sinceMs: before?.sinceMs ?? times.nowMs, untilMs: times.untilMs },
  }
  const added = { ...holds, victims: { ...holds.victims, [victim]: after } }
  // Somebody may have switched off meanwhile what this victim needs: it is looked at again.
  return after.policy === undefined ? added : unseen(added, after.policy, switches)
}

/** What one who holds is to have, and nothing else. */
export interface Wish extends Pick<Hold, 'protocol' | 'switches'> {
  /** Missing: it is found out. */
  readonly policy?: number
}

/** From now on these hold, each exactly what is said, and nobody else does. All switches are looked at again. */
export function holdExactly(
  holds: Holds,
  wishes: ReadonlyMap<string, Wish>,
  times: { readonly nowMs: number; readonly untilMs: number },
): Holds {
  const victims = Object.fromEntries(
    [...wishes].slice(0, VICTIMS_MAX).map(([name, { policy: told, protocol, switches }]) => {
      const before = holds.victims[name]
      const policy = told ?? before?.policy
      const since = { sinceMs: before?.sinceMs ?? times.nowMs, untilMs: times.untilMs }
      return [
        name,
        { ...(policy === undefined ? {} : { policy }), protocol, switches, ...since } satisfies Hold,
      ]
    }),
  )
  return Object.values(victims).reduce<Holds>(
    (all, { policy, switches }) => (policy === undefined ? all : unseen(all, policy, switches)),
    { ...holds, victims },
  )
}

export function release(holds: Holds, victim: string): Holds {
  const { [victim]: _gone, ...victims } = holds.victims
  return { ...holds, victims }
}

/** Holds whose time is over, and their victims. */
export function expire(
  holds: Holds,
  nowMs: number,
): { readonly holds: Holds; readonly over: readonly string[] } {
  const over = Object.keys(holds.victims).filter(victim => (holds.victims[victim]?.untilMs ?? 0) <= nowMs)
  return { holds: over.reduce(release, holds), over }
}

export function policyFound(holds: Holds, victim: string, policy: number): Holds {
  const found = holds.victims[victim]
  if (found === undefined) return holds
  const victims = { ...holds.victims, [victim]: { ...found, policy } }
  return unseen({ ...holds, victims }, policy, found.switches)
}

/** It stands as said; how it stood before is kept from the first time. */
export function seen(holds: Holds, policy: number, name: SwitchName, isOn: boolean): Holds {
  const key = keyOf(policy, name)
  const prior = holds.touched[key]?.prior ?? isOn
  return { ...holds, touched: { ...holds.touched, [key]: { prior, isOn } } }
}

/** It is as it was before us. Whoever came to need it meanwhile finds it unseen, and looks at it again. */
export function putBack(holds: Holds, policy: number, name: SwitchName): Holds {
  const { [keyOf(policy, name)]: _gone, ...touched } = holds.touched
  return { ...holds, touched }
}

/** How it stood when we came; `undefined`: we have not touched it. */
export const priorOf = (holds: Holds, policy: number, name: SwitchName): boolean | undefined =>
  holds.touched[keyOf(policy, name)]?.prior

/** The first step that is not among `left`; `undefined`: all is as it should be. What protects goes first. */
export function nextStep(holds: Holds, left: ReadonlySet<string> = new Set()): Step | undefined {
  for (const [victim, { policy, switches }] of Object.entries(holds.victims)) {
    if (policy === undefined) {
      const key = `policy of ${victim}`
      if (!left.has(key)) return { kind: 'find-policy', key, victim }
      continue
    }
    const off = switches.find(
      name => holds.touched[keyOf(policy, name)]?.isOn !== true && !left.has(keyOf(policy, name)),
    )
    if (off !== undefined) return { kind: 'on', key: keyOf(policy, off), policy, name: off }
  }
  return owed(holds)
    .filter(key => !left.has(key))
    .map(offStep)
    .sort(byOffOrder)[0]
}

/** Whether all that a victim holds is carried out. */
export function isSettled(holds: Holds, victim: string): boolean {
  const found = holds.victims[victim]
  if (found === undefined) return false
  const { policy, switches } = found
  return policy !== undefined && switches.every(name => holds.touched[keyOf(policy, name)]?.isOn === true)
}

/** What is still to be put back. */
export function owed(holds: Holds): readonly string[] {
  const keys = wanted(holds)
  return Object.keys(holds.touched).filter(key => !keys.has(key))
}

const wanted = (holds: Holds): ReadonlySet<string> =>
  new Set(
    Object.values(holds.victims).flatMap(({ policy, switches }) =>
      policy === undefined ? [] : switches.map(name => keyOf(policy, name)),
    ),
  )

function unseen(holds: Holds, policy: number, switches: readonly SwitchName[]): Holds {
  const touched = { ...holds.touched }
  for (const name of switches) {
    const before = touched[keyOf(policy, name)]
    if (before !== undefined) touched[keyOf(policy, name)] = { ...before, isOn: false }
  }
  return { ...holds, touched }
}

function offStep(key: string): Extract<Step, { kind: 'on' | 'off' }> {
  const [policy = '', name = ''] = key.split('/')
  return { kind: 'off', key, policy: Number(policy), name }
}

const byOffOrder = (a: { policy: number; name: string }, b: { policy: number; name: string }): number =>
  a.policy - b.policy || offRank(a.name) - offRank(b.name) || (a.name < b.name ? -1 : 1)

/** The twin of IPv6 goes with its own. */
function offRank(name: SwitchName): number {
  const plain = name.replace(/6$/, '')
  const [first, last] = [OFF_FIRST.indexOf(plain), OFF_LAST.indexOf(plain)]
  if (first >= 0) return first
  return last >= 0 ? OFF_FIRST.length + 1 + last : OFF_FIRST.length
}
