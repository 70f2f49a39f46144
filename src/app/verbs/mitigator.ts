// The verbs mitigator: FastNetMon's notify script, and what an operator asks a MITIGATOR for by hand.

import { isSwitchName, switchAt } from '#8-enforcement/mitigator/contract.ts'
import { codeOf, countermeasureOf } from '#8-enforcement/mitigator/words.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { CheckWish, Finding } from '../mitigator/check.ts'
import { checkMitigator, readSwitch } from '../mitigator/check.ts'
import { type NotifyCall, notify } from '../mitigator/notify.ts'
import { type OpenMitigator, openMitigator } from '../mitigator/open-driver.ts'
import { presetParts } from '../mitigator/preset.ts'
import { mitigatorSettings } from '../mitigator/settings.ts'

export type MitigatorWish =
  | { readonly kind: 'notify'; readonly call: NotifyCall | undefined; readonly isVerbose: boolean }
  | { readonly kind: 'check'; readonly victim: string | undefined; readonly writes: boolean }
  | { readonly kind: 'preset'; readonly policy: number | undefined; readonly isConfirmed: boolean }
  /** `isOn` undefined: how it stands is shown. */
  | {
      readonly kind: 'switch'
      readonly name: string
      readonly policy: number | undefined
      readonly isOn: boolean | undefined
    }
  | {
      readonly kind: 'block'
      readonly sources: readonly string[]
      readonly target: string
      readonly ttlSeconds: number
    }

export interface MitigatorSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  out(text: string): void
  err(text: string): void
  question(text: string): Promise<string | undefined>
  readonly input: () => NodeJS.ReadableStream
}

const MARKS: Readonly<Record<Finding['state'], string>> = { good: 'ok  ', doubt: 'note', bad: 'BAD ' }

/** Exit code 0 done, 1 refused or failed, 2 wrong words or settings; of `notify` those of its own page. */
export async function mitigator(wish: MitigatorWish, around: MitigatorSurroundings): Promise<number> {
  if (wish.kind === 'notify') return notify(wish, around)
  const settled = mitigatorSettings(around.environment)
  if (settled.kind === 'problems') {
    for (const problem of settled.problems) around.err(`floodwarden: ${problem}\n`)
    return 2
  }
  const tell = (level: string, text: string) => around.err(`floodwarden: ${level}: ${text}\n`)
  const open = openMitigator(settled.settings, tell, performance.now())
  if ('problem' in open) {
    around.err(`floodwarden: ${open.problem}\n`)
    return 1
  }
  switch (wish.kind) {
    case 'check':
      return check(wish, open, around)
    case 'preset':
      return preset(wish, open, around)
    case 'switch':
      return turn(wish, open, around)
    case 'block':
      return block(wish, open, around)
  }
}

type Wish<Kind extends MitigatorWish['kind']> = Extract<MitigatorWish, { kind: Kind }>

async function check(
  { victim, writes }: Wish<'check'>,
  open: OpenMitigator,
  { out, err }: MitigatorSurroundings,
): Promise<number> {
  const address = victim === undefined ? undefined : parseAddress(victim)
  if (victim !== undefined && address === undefined) return usage(err, `${victim} is no address`)
  const wish: CheckWish = { victim: address, writes }
  const found = await checkMitigator(open, wish)
  for (const { state, text } of found) out(`${MARKS[state]}  ${text}\n`)
  return found.some(({ state }) => state === 'bad') ? 1 : 0
}

async function preset(
  { policy: named, isConfirmed }: Wish<'preset'>,
  { client, settings }: OpenMitigator,
  { out, err, question }: MitigatorSurroundings,
): Promise<number> {
  const policy = named ?? settings.policies.fallback
  if (policy === undefined) return usage(err, 'which policy: say --policy')
  const parts = await presetParts(client, policy)
  for (const { kind, text } of parts) out(`${PRESET_MARKS[kind]}  ${text}\n`)
  const missing = parts.flatMap(part => (part.kind === 'missing' ? [part] : []))
  const isByHand = parts.some(({ kind }) => kind === 'by-hand')
  if (missing.length === 0) return isByHand ? 1 : 0
  if (!isConfirmed && (await question('Write this to MITIGATOR? Type yes: ')) !== 'yes') {
    err('floodwarden: nothing was written: type yes, or say --yes\n')
    return 1
  }
  let isWhole = !isByHand
  for (const part of missing) {
    const done = await part.write()
    if (done.kind === 'done') out(`written  ${part.text}\n`)
    else err(`floodwarden: ${part.text}: ${done.error}\n`)
    isWhole &&= done.kind === 'done'
  }
  return isWhole ? 0 : 1
}

const PRESET_MARKS = { there: 'there   ', missing: 'missing ', 'by-hand': 'by hand ' } as const

async function turn(
  { name, policy, isOn }: Wish<'switch'>,
  { client }: OpenMitigator,
  { out, err }: MitigatorSurroundings,
): Promise<number> {
  const word = countermeasureOf(name)
  const code = word === undefined ? name : codeOf(word, 4)
  if (code === undefined || !isSwitchName(code)) return usage(err, `${JSON.stringify(name)} is no switch`)
  if (policy === undefined && code !== 'state') return usage(err, `${name} is of a policy: say --policy`)
  const where = policy === undefined ? 'General protection' : `policy ${policy}`
  if (isOn !== undefined) {
    const { path, field } = switchAt(code, policy)
    const answer = await client.put(path, { [field]: isOn })
    if (answer.kind !== 'done') return failed(err, `${where}: ${code}: ${answer.error}`)
  }
  const now = await readSwitch(client, code, policy)
  if (now.kind !== 'done') return failed(err, `${where}: ${code}: ${now.error}`)
  out(`${where}: ${code} is ${now.value ? 'on' : 'off'}\n`)
  return isOn === undefined || isOn === now.value ? 0 : 1
}

async function block(
  { sources, target, ttlSeconds }: Wish<'block'>,
  { driver }: OpenMitigator,
  { out, err }: MitigatorSurroundings,
): Promise<number> {
  const victim = parseAddress(target)
  if (victim === undefined) return usage(err, `${target} is no address`)
  const prefixes = sources.flatMap(source => parsePrefix(source) ?? [])
  if (prefixes.length < sources.length || prefixes.some(({ family }) => family !== victim.family))
    return usage(err, `each source is an address or prefix of IPv${victim.family}, as the target is`)
  const answer = await driver.block(victim, prefixes, ttlSeconds)
  if (answer.kind !== 'done') return failed(err, answer.error)
  out(`policy ${answer.value} drops ${sources.join(', ')} for ${ttlSeconds} s\n`)
  return 0
}

function usage(err: (text: string) => void, problem: string): number {
  err(`floodwarden: ${problem}\n`)
  return 2
}

function failed(err: (text: string) => void, problem: string): number {
  err(`floodwarden: ${problem}\n`)
  return 1
}
