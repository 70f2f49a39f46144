// What prefixd demands of playbooks that are saved through its API, in its own words. Its file it never asks so.

import type { SettingPath } from '#lib/schema/problem.ts'
import type { PrefixdPlaybook, PrefixdStep } from './playbooks-schema.ts'

const NAME_BYTES_MAX = 128
const TTL_SECONDS_MAX = 86_400

export const isTtl = (seconds: number): boolean => seconds >= 1 && seconds <= TTL_SECONDS_MAX

export interface PlaybookFault {
  /** Within the playbooks: `[0, 'steps', 1, 'ttl_seconds']`. */
  readonly path: SettingPath
  readonly text: string
}

/** All faults at once, in the order of the file. The texts are those of prefixd. */
export function faultsOf(playbooks: readonly PrefixdPlaybook[]): PlaybookFault[] {
  if (playbooks.length === 0) return [{ path: [], text: 'at least one playbook is required' }]
  const seen = new Set<string>()
  return playbooks.flatMap((playbook, at) => {
    const context = `playbook[${at}] (${JSON.stringify(playbook.name)})`
    const isRepeated = seen.has(playbook.name)
    seen.add(playbook.name)
    const faults = [...nameFaults(playbook, isRepeated), ...playbookFaults(playbook)]
    return faults.map(({ path, text }) => ({ path: [at, ...path], text: `${context}${text}` }))
  })
}

function nameFaults({ name }: PrefixdPlaybook, isRepeated: boolean): PlaybookFault[] {
  const texts = [
    ...(name === '' ? [': name is required'] : []),
    ...(new TextEncoder().encode(name).length > NAME_BYTES_MAX
      ? [`: name exceeds ${NAME_BYTES_MAX} characters`]
      : []),
    ...(isRepeated ? [': duplicate name'] : []),
  ]
  return texts.map(text => ({ path: ['name'], text }))
}

function playbookFaults({ steps }: PrefixdPlaybook): PlaybookFault[] {
  if (steps.length === 0) return [{ path: ['steps'], text: ': at least one step is required' }]
  return steps.flatMap((step, at) =>
    stepFaults(step, at).map(([key, text]) => ({
      path: ['steps', at, key],
      text: ` step[${at}]: ${text}`,
    })),
  )
}

type Told = readonly [key: keyof PrefixdStep, text: string]

function stepFaults(step: PrefixdStep, at: number): Told[] {
  const { action, rate_bps, ttl_seconds, require_confidence_at_least: confidence } = step
  const demanded = (['require_confidence_at_least', 'require_persistence_seconds'] as const).find(
    key => typeof step[key] === 'number',
  )
  const faults: Told[] = []
  if (at === 0 && demanded !== undefined)
    faults.push([demanded, 'first step must not have escalation requirements'])
  if (!isTtl(ttl_seconds))
    faults.push(['ttl_seconds', `ttl_seconds must be 1..=${TTL_SECONDS_MAX}, got ${ttl_seconds}`])
  if (action === 'police' && !(typeof rate_bps === 'number' && rate_bps > 0))
    faults.push(['rate_bps', 'police action requires rate_bps > 0'])
  if (typeof confidence === 'number' && !(confidence >= 0 && confidence <= 1))
    faults.push([
      'require_confidence_at_least',
      `require_confidence_at_least must be 0.0..=1.0, got ${confidence}`,
    ])
  return faults
}
