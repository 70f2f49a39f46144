// `mitigator check`: whether a MITIGATOR can be asked, by whom, and whether it is set up so that switches have an effect.

import type { Answer, MitigatorClient } from '#8-enforcement/mitigator/client.ts'
import {
  PATHS,
  type Policy,
  type PolicyId,
  policiesSchema,
  type SwitchName,
  switchAt,
  switchSchema,
  versionSchema,
} from '#8-enforcement/mitigator/contract.ts'
import { owed } from '#8-enforcement/mitigator/holds.ts'
import { policyOf } from '#8-enforcement/mitigator/policies.ts'
import type { Address } from '#lib/ip/address.ts'
import { formatAddress } from '#lib/ip/address.ts'
import type { OpenMitigator } from './open-driver.ts'

/** `bad`: protection will not work so. `doubt`: it may not, or something is worth knowing. */
export interface Finding {
  readonly state: 'good' | 'doubt' | 'bad'
  readonly text: string
}

export interface CheckWish {
  /** Whose policy is asked for as well. */
  readonly victim: Address | undefined
  /** Write a switch as it stands, to see whether this user may. */
  readonly writes: boolean
}

const USUAL: readonly SwitchName[] = ['tcp', 'acl', 'sorb']

/** Stops at the first thing without which the rest cannot be asked. */
export async function checkMitigator(open: OpenMitigator, wish: CheckWish): Promise<readonly Finding[]> {
  const { client, settings } = open
  const version = await client.get(PATHS.version, versionSchema)
  if (version.kind !== 'done') return [bad(`${settings.origin}: ${version.error}`)]
  const found = [
    good(`${client.origin} answers ${JSON.stringify(settings.username)}: version ${version.value.version}`),
  ]
  const listed = await client.get(PATHS.policies, policiesSchema)
  if (listed.kind !== 'done')
    return [...found, bad(`${settings.username} may not read the policies: ${listed.error}`)]
  const policies = listed.value
  const isDefault = policies.some(policy => policy.is_default === true || policy.id === 1)
  const wanted = new Set(
    [...settings.policies.entries.map(({ policy }) => policy), settings.policies.fallback].filter(
      policy => policy !== undefined,
    ),
  )
  found.push(
    isDefault
      ? good(`${policies.length} policies, and a default one`)
      : doubt('there is no default policy: traffic that no rule names is not protected'),
    await generalProtection(client),
    ...(wish.victim === undefined ? [] : await policyOfVictim(open, wish.victim, wanted)),
  )
  for (const id of wanted) found.push(...(await checkPolicy(client, id, policies, wish.writes)))
  return [...found, ...held(open)]
}

async function generalProtection(client: MitigatorClient): Promise<Finding> {
  const answer = await readSwitch(client, 'state', undefined)
  if (answer.kind === 'done')
    return answer.value
      ? good('General protection is on')
      : bad('General protection is off: nothing is filtered, whatever policies say. Switch it on')
  if (answer.kind === 'absent')
    return bad('General protection was never switched on: nothing is filtered, whatever policies say')
  return bad(`whether General protection is on cannot be read: ${answer.error}`)
}

async function policyOfVictim(
  { client, settings }: OpenMitigator,
  victim: Address,
  wanted: Set<number>,
): Promise<Finding[]> {
  const name = formatAddress(victim)
  const answer = await policyOf(client, settings.policies, victim, 'udp')
  if (answer.kind !== 'found') return [bad(`${name}: ${answer.error}`)]
  wanted.add(answer.policy)
  const text = `${name}: policy ${answer.policy} (${answer.by})${answer.note === undefined ? '' : `: ${answer.note}`}`
  return [answer.note === undefined ? good(text) : doubt(text)]
}

async function checkPolicy(
  client: MitigatorClient,
  id: number,
  policies: readonly Policy[],
  writes: boolean,
): Promise<Finding[]> {
  const policy = policies.find(one => one.id === id)
  if (policy === undefined) return [bad(`policy ${id} is named in the settings, and is not there`)]
  const name = `policy ${id} (${policy.name})`
  const state = await readSwitch(client, 'state', id)
  if (state.kind !== 'done' && state.kind !== 'absent')
    return [bad(`${name}: its switch cannot be read: ${state.error}`)]
  const isOn = state.kind === 'done' && state.value
  const found = [isOn ? doubt(`${name} is on already, and stays on after attacks`) : good(`${name} is off`)]
  if (policy.auto_mitigation === true)
    found.push(doubt(`${name} switches countermeasures by itself too (auto_mitigation)`))
  for (const countermeasure of USUAL) {
    const answer = await readSwitch(client, countermeasure, id)
    if (answer.kind === 'done' && answer.value)
      found.push(doubt(`${name}: ${countermeasure} is on already, and stays on after attacks`))
    else if (answer.kind === 'refused' || answer.kind === 'failed')
      found.push(bad(`${name}: ${countermeasure} cannot be read: ${answer.error}`))
  }
  return writes ? [...found, await tryWriting(client, id, name, isOn)] : found
}

/** What stands there is written again. */
async function tryWriting(
  client: MitigatorClient,
  id: number,
  name: string,
  isOn: boolean,
): Promise<Finding> {
  const { path, field } = switchAt('state', id)
  const answer = await client.put(path, { [field]: isOn })
  return answer.kind === 'done'
    ? good(`${name}: this user may switch it`)
    : bad(`${name}: this user may not switch it: ${answer.error}`)
}

function held({ keeper }: OpenMitigator): Finding[] {
  const holds = keeper.read()
  const victims = Object.keys(holds.victims)
  const left = owed(holds)
  return [
    good(
      `${victims.length} victims hold protection${victims.length > 0 ? `: ${victims.slice(0, 20).join(', ')}` : ''}`,
    ),
    ...(left.length > 0
      ? [doubt(`to be switched off with the next call, or with notify --resend: ${left.join(', ')}`)]
      : []),
    ...keeper
      .heldElsewhere()
      .map(name =>
        doubt(`${name} holds something at another server: put it back there, then remove the file`),
      ),
  ]
}

/** How a switch stands. */
export async function readSwitch(
  client: MitigatorClient,
  name: SwitchName,
  policy: PolicyId,
): Promise<Answer<boolean>> {
  const { path, field } = switchAt(name, policy)
  const answer = await client.get(path, switchSchema(field))
  return answer.kind === 'done' ? { kind: 'done', value: answer.value[field] === true } : answer
}

const good = (text: string): Finding => ({ state: 'good', text })
const doubt = (text: string): Finding => ({ state: 'doubt', text })
const bad = (text: string): Finding => ({ state: 'bad', text })
