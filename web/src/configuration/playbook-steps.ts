// Steps of a playbook as rows of a form: one action each is edited; what else a step has is kept.

import { at, type Json, type Tree, textAt } from './section-entries.ts'

export const STEP_KINDS = [
  ['observe', 'only watch'],
  ['rate-limit', 'limit the rate'],
  ['discard', 'discard'],
  ['divert', 'divert to a scrubber'],
  ['blackhole', 'blackhole'],
  ['script', 'call the script'],
  ['countermeasure', 'countermeasure of a profile'],
] as const

export interface StepRow {
  readonly name: string
  readonly kind: string
  /** Of a rate-limit, bits in a second. */
  readonly rate: string
  /** Of a countermeasure. */
  readonly profile: string
  readonly ttl: string
  /** Seconds on the step before; the first step has none. */
  readonly after: string
  /** As it is written. */
  readonly written: Tree
}

export const NEW_STEP: StepRow = {
  ...{ name: '', kind: 'rate-limit', rate: '5000000', profile: '', ttl: '', after: '', written: {} },
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const treesOf = (value: Json | undefined): Tree[] => (Array.isArray(value) ? value.filter(isTree) : [])

export function stepsOf(playbook: Tree): StepRow[] {
  return treesOf(at(playbook, 'steps')).map(written => {
    const [action = {}] = treesOf(at(written, 'actions'))
    return {
      ...{ name: textAt(written, 'name'), kind: textAt(action, 'kind') },
      ...{ rate: textAt(action, 'bitsPerSecond'), profile: textAt(action, 'profile') },
      ...{ ttl: textAt(written, 'ttlSeconds'), after: textAt(written, 'escalateAfter', 'seconds'), written },
    }
  })
}

/** How many actions a step has that the form does not show. */
export const otherActions = ({ written }: StepRow): number =>
  Math.max(0, treesOf(at(written, 'actions')).length - 1)

export const withSteps = (playbook: Tree, rows: readonly StepRow[]): Tree => ({
  ...playbook,
  steps: rows.map(stepOf),
})

function stepOf(row: StepRow, place: number): Tree {
  const { name, kind, ttl, after, written } = row
  const [first = {}, ...others] = treesOf(at(written, 'actions'))
  const { actions: _actions, escalateAfter, ttlSeconds: _ttl, name: _name, ...rest } = written
  const before = isTree(escalateAfter) ? escalateAfter : {}
  const seconds = after.trim() === '' ? {} : { seconds: numberOf(after) }
  return {
    ...{ name, actions: [actionOf(row, textAt(first, 'kind') === kind ? first : {}), ...others] },
    ...(ttl.trim() === '' ? {} : { ttlSeconds: numberOf(ttl) }),
    ...(place === 0 ? {} : { escalateAfter: { ...before, ...seconds } }),
    ...rest,
  }
}

/** Of another kind nothing of the action before is kept. */
function actionOf({ kind, rate, profile }: StepRow, before: Tree): Tree {
  const { bitsPerSecond: _bits, profile: _profile, ...rest } = before
  return {
    ...rest,
    kind,
    ...(kind === 'rate-limit' && rate.trim() !== '' ? { bitsPerSecond: numberOf(rate) } : {}),
    ...(kind === 'countermeasure' && profile.trim() !== '' ? { profile: profile.trim() } : {}),
  }
}

/** What is no number stays text, for the daemon to refuse with its place. */
function numberOf(text: string): Json {
  const number = Number(text.trim())
  return Number.isNaN(number) ? text.trim() : number
}
