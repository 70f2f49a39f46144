// `mitigator preset`: what a policy needs before its countermeasures are worth switching on. Shown first, written when confirmed.
//
// Settings are read, changed where they differ, and written whole; what MITIGATOR answers in a form that is not known is left
// to whoever sits at its own pages.

import type { Answer, MitigatorClient } from '#8-enforcement/mitigator/client.ts'
import {
  type AclEntries,
  aclEntriesPath,
  aclEntriesSchema,
  type SorbSettings,
  settingsPath,
  sorbSettingsSchema,
} from '#8-enforcement/mitigator/contract.ts'

export const PRESET = {
  acl: 'drop icmp',
  sorbPacketsPerSecond: 100,
  /** On the temporary blacklist. */
  blockSeconds: 60,
} as const

/** One setting of the preset. `missing`: `write` puts it there, and `read` says afterwards whether it is. */
export type PresetPart =
  | { readonly kind: 'there'; readonly text: string }
  | { readonly kind: 'missing'; readonly text: string; write(): Promise<PresetDone> }
  /** It has to be done by hand, and why. */
  | { readonly kind: 'by-hand'; readonly text: string }
export type PresetDone = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly error: string }

export async function presetParts(client: MitigatorClient, policy: number): Promise<readonly PresetPart[]> {
  return [await aclPart(client, policy), await sorbPart(client, policy)]
}

async function aclPart(client: MitigatorClient, policy: number): Promise<PresetPart> {
  const path = aclEntriesPath(policy)
  const answer = await client.get(path, aclEntriesSchema)
  const wanted = `ACL of policy ${policy}: rule "${PRESET.acl}"`
  if (answer.kind !== 'done' && answer.kind !== 'absent') return byHand(wanted, answer.error)
  const before: AclEntries = answer.kind === 'done' ? answer.value : { entries: [] }
  const rules = rulesOf(before)
  if (hasRule(rules)) return { kind: 'there', text: wanted }
  const after = [...rules, PRESET.acl]
  return {
    kind: 'missing',
    text: `${wanted}, behind ${rules.length} that are there`,
    write: () =>
      written(
        client.put(path, Array.isArray(before) ? after : { ...before, entries: after }),
        () => client.get(path, aclEntriesSchema),
        now => hasRule(rulesOf(now)),
      ),
  }
}

async function sorbPart(client: MitigatorClient, policy: number): Promise<PresetPart> {
  const path = settingsPath('sorb', policy)
  const answer = await client.get(path, sorbSettingsSchema)
  const { sorbPacketsPerSecond: pps, blockSeconds } = PRESET
  const wanted = `SORB of policy ${policy}: ${pps} packets/s of each source, then ${blockSeconds} s on the temporary blacklist`
  if (answer.kind !== 'done' && answer.kind !== 'absent') return byHand(wanted, answer.error)
  const before: SorbSettings = answer.kind === 'done' ? answer.value : {}
  if (isPreset(before)) return { kind: 'there', text: wanted }
  const now = `${before.pps ?? 'no'} packets/s, ${before.block_time ?? 'no'} s now`
  return {
    kind: 'missing',
    text: `${wanted} (${now})`,
    write: () =>
      written(
        client.put(path, { ...before, pps, block_time: blockSeconds }),
        () => client.get(path, sorbSettingsSchema),
        isPreset,
      ),
  }
}

/** What was accepted is read again: a field that the server does not know is nowhere afterwards. */
async function written<Value>(
  put: Promise<Answer<unknown>>,
  read: () => Promise<Answer<Value>>,
  isThere: (value: Value) => boolean,
): Promise<PresetDone> {
  const answer = await put
  if (answer.kind !== 'done') return { kind: 'failed', error: answer.error }
  const again = await read()
  if (again.kind !== 'done') return { kind: 'failed', error: again.error }
  return isThere(again.value)
    ? { kind: 'done' }
    : {
        kind: 'failed',
        error: 'the server took it and does not hold it: look at the policy on its own pages',
      }
}

const byHand = (wanted: string, error: string): PresetPart => ({
  kind: 'by-hand',
  text: `${wanted}: ${error}. Set it on the pages of MITIGATOR`,
})

const rulesOf = (entries: AclEntries): readonly string[] =>
  Array.isArray(entries) ? entries : entries.entries

const hasRule = (rules: readonly string[]): boolean =>
  rules.some(rule => rule.trim().replace(/\s+/g, ' ').toLowerCase() === PRESET.acl)

const isPreset = ({ pps, block_time }: SorbSettings): boolean =>
  pps === PRESET.sorbPacketsPerSecond && (block_time ?? 0) > 0
