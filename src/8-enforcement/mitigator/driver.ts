// Carries our countermeasures out at a MITIGATOR: switches on what a victim needs, and puts back what nobody needs any more.
//
// What is wanted is written down first and carried out then, so whatever fails is still known: a later call does it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import { type Address, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { Answer, Failure, MitigatorClient } from './client.ts'
import { blockPath, type SwitchName, switchAt, switchSchema } from './contract.ts'
import {
  expire,
  type Hold,
  type Holds,
  hold,
  holdExactly,
  isSettled,
  nextStep,
  owed,
  policyFound,
  priorOf,
  putBack,
  release,
  type Step,
  seen,
  type Wish,
} from './holds.ts'
import type { HoldsKeeper } from './holds-file.ts'
import { type PolicyMap, policyOf } from './policies.ts'
import { codeOf } from './words.ts'

/** `kept`: not all is done, a later call goes on. `refused`: the server said no to something. `failed`: nothing is kept. */
export type Outcome = 'done' | 'kept' | 'refused' | 'failed'

export type Tell = (level: 'info' | 'warning' | 'error', text: string) => void

export interface DriverParts {
  readonly client: MitigatorClient
  readonly keeper: HoldsKeeper
  readonly policies: PolicyMap
  /** Divert the policy's traffic by BGP as well. */
  readonly announces: boolean
  readonly holdMs: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** On the clock of `performance.now()`: no later anything is begun. */
  readonly endsAt: number
  readonly tell: Tell
}

/** Whom it is for, and how its flood comes, which may choose the policy. */
export interface Need {
  readonly victim: Address
  readonly protocol: Hold['protocol']
  /** Besides the policy itself. */
  readonly countermeasures: readonly CountermeasureName[]
}

const LOOK_MS = 50

export class MitigatorDriver {
  readonly #parts: DriverParts

  constructor(parts: DriverParts) {
    this.#parts = parts
  }

  /** Switches on the policy of the victim and these countermeasures, until it is released or its time is over. */
  async protect({ victim, protocol, countermeasures }: Need): Promise<Outcome> {
    const { keeper, holdMs, announces, tell, now } = this.#parts
    const name = formatAddress(victim)
    const switches: SwitchName[] = ['state', ...(announces ? ['announce'] : [])]
    for (const countermeasure of countermeasures) {
      const code = codeOf(countermeasure, victim.family)
      if (code !== undefined) switches.push(code)
      else tell('error', `${name}: MITIGATOR has no ${countermeasure} for a policy`)
    }
    const nowMs = now()
    let isFull = false
    const written = await keeper.change(before => {
      const after = hold(before, name, { protocol, switches }, { nowMs, untilMs: nowMs + holdMs })
      isFull = after === undefined
      return after ?? before
    })
    if (written === undefined || isFull) {
      tell('error', `${name}: ${isFull ? 'too many victims are protected' : 'what is held is locked'}`)
      return 'failed'
    }
    return this.#settle(name)
  }

  /** Puts back what nobody else needs. */
  async release(victim: Address): Promise<Outcome> {
    const { keeper, tell } = this.#parts
    const name = formatAddress(victim)
    if ((await keeper.change(before => release(before, name))) === undefined) {
      tell('error', `${name}: what is held is locked`)
      return 'failed'
    }
    return this.#settle(undefined)
  }

  /** Has these hold exactly what is said, and nobody else anything; whoever is named by an address is looked up. */
  async holdExactly(wishes: ReadonlyMap<string, Wish>): Promise<Outcome> {
    const { keeper, holdMs, now, tell } = this.#parts
    const nowMs = now()
    const times = { nowMs, untilMs: nowMs + holdMs }
    if ((await keeper.change(before => holdExactly(before, wishes, times))) === undefined) {
      tell('error', 'what is held is locked')
      return 'failed'
    }
    return this.#settle(undefined)
  }

  /** Does what earlier calls could not, and ends what was held too long. */
  async settle(): Promise<Outcome> {
    return this.#settle(undefined)
  }

  /** Sources that MITIGATOR is to drop for some seconds, whatever they send to the policy of the victim. */
  async block(victim: Address, sources: readonly Prefix[], ttlSeconds: number): Promise<Answer<number>> {
    const { client, policies } = this.#parts
    const found = await policyOf(client, policies, victim, 'udp')
    if (found.kind === 'none') return { kind: 'absent', error: found.error }
    if (found.kind === 'failed') return found
    const items = sources.map(prefix => ({ prefix: formatPrefix(prefix), ttl: ttlSeconds }))
    const answer = await client.post(blockPath(victim.family, found.policy), { items })
    return answer.kind === 'done' ? { kind: 'done', value: found.policy } : answer
  }

  /** One call at a time carries out, also for others; `mine` may be settled by whoever does. */
  async #settle(mine: string | undefined): Promise<Outcome> {
    const { keeper, endsAt, tell } = this.#parts
    for (;;) {
      const end = keeper.takeTurn()
      if (end !== undefined) {
        try {
          return await this.#carryOut()
        } finally {
          end()
        }
      }
      const holds = keeper.read()
      if (mine === undefined ? nextStep(holds) === undefined : isSettled(holds, mine)) return 'done'
      if (performance.now() >= endsAt) break
      await sleep(LOOK_MS)
    }
    tell('warning', 'another call is still at work: what is left is done by it, or by a later one')
    return 'kept'
  }

  async #carryOut(): Promise<Outcome> {
    const { keeper, tell, endsAt, now } = this.#parts
    const left = new Set<string>()
    let isKept = false
    let over: readonly string[] = []
    await keeper.change(before => {
      const expired = expire(before, now())
      over = expired.over
      return over.length === 0 ? before : expired.holds
    })
    for (const victim of over) tell('warning', `${victim}: held too long without a word of its end, released`)
    for (;;) {
      const step = nextStep(keeper.read(), left)
      if (step === undefined) return left.size === 0 ? 'done' : isKept ? 'kept' : 'refused'
      if (performance.now() >= endsAt) {
        tell('error', `no time is left: ${step.key} and what follows is kept for a later call`)
        return 'kept'
      }
      const failure = await this.#carry(step)
      if (failure === undefined) continue
      left.add(step.key)
      tell('error', `${wordsOf(step)}: ${failure.error}`)
      isKept ||= failure.kind === 'failed'
      // Whoever does not answer one request does not answer the next.
      if (failure.kind === 'failed' && failure.isAway) {
        this.#tellOwed()
        return 'kept'
      }
    }
  }

  #carry(step: Step): Promise<Failure | undefined> {
    switch (step.kind) {
      case 'find-policy':
        return this.#findPolicy(step.victim)
      case 'on':
        return this.#switchOn(step.policy, step.name)
      case 'off':
        return this.#switchBack(step.policy, step.name)
    }
  }

  async #findPolicy(victim: string): Promise<Failure | undefined> {
    const { client, keeper, policies, tell } = this.#parts
    const address = parseAddress(victim)
    const protocol = keeper.read().victims[victim]?.protocol
    if (address === undefined || protocol === undefined) {
      return this.#note(before => release(before, victim))
    }
    const found = await policyOf(client, policies, address, protocol)
    if (found.kind === 'failed') return found
    if (found.kind === 'none') {
      const unwritten = await this.#note(before => release(before, victim))
      return unwritten ?? { kind: 'refused', error: found.error }
    }
    const { policy, by, note } = found
    tell(
      note === undefined ? 'info' : 'warning',
      `${victim}: policy ${policy} (${by})${note ? `: ${note}` : ''}`,
    )
    return this.#note(before => policyFound(before, victim, policy))
  }

  /** How it stood is written down before it is changed: whoever dies in between still puts it back. */
  async #switchOn(policy: number, name: SwitchName): Promise<Failure | undefined> {
    const { tell } = this.#parts
    const found = await this.#read(policy, name)
    // A switch that nobody ever touched may not be stored yet: it is off.
    if (found.kind !== 'done' && found.kind !== 'absent') return found
    const isOn = found.kind === 'done' && found.value
    const unwritten = await this.#note(before => seen(before, policy, name, isOn))
    if (unwritten !== undefined) return unwritten
    if (isOn) {
      tell('info', `policy ${policy}: ${name} is on already`)
      return undefined
    }
    const written = await this.#write(policy, name, true)
    if (written.kind !== 'done') return written
    tell('info', `policy ${policy}: ${name} on`)
    return this.#note(before => seen(before, policy, name, true))
  }

  /** What was on before us stays on; what somebody switched off meanwhile stays off. */
  async #switchBack(policy: number, name: SwitchName): Promise<Failure | undefined> {
    const { keeper, tell } = this.#parts
    const prior = priorOf(keeper.read(), policy, name)
    if (prior === false) {
      const found = await this.#read(policy, name)
      if (found.kind === 'absent') tell('warning', `policy ${policy}: ${name} is gone: ${found.error}`)
      else if (found.kind !== 'done') return found
      else if (found.value) {
        const written = await this.#write(policy, name, false)
        if (written.kind !== 'done') return written
        tell('info', `policy ${policy}: ${name} off`)
      }
    } else tell('info', `policy ${policy}: ${name} was on before, and stays on`)
    return this.#note(before => putBack(before, policy, name))
  }

  /** What is not written down is not gone on with. */
  async #note(work: (holds: Holds) => Holds): Promise<Failure | undefined> {
    const after = await this.#parts.keeper.change(work)
    return after === undefined
      ? { kind: 'failed', error: 'what is held is locked by another call', isAway: false }
      : undefined
  }

  async #read(policy: number, name: SwitchName): Promise<Answer<boolean>> {
    const { path, field } = switchAt(name, policy)
    const answer = await this.#parts.client.get(path, switchSchema(field))
    return answer.kind === 'done' ? { kind: 'done', value: answer.value[field] === true } : answer
  }

  #write(policy: number, name: SwitchName, isOn: boolean): Promise<Answer<unknown>> {
    const { path, field } = switchAt(name, policy)
    return this.#parts.client.put(path, { [field]: isOn })
  }

  #tellOwed(): void {
    const { keeper, tell } = this.#parts
    const left = owed(keeper.read())
    if (left.length > 0) tell('warning', `to be switched off later: ${left.join(', ')}`)
  }
}

function wordsOf(step: Step): string {
  return step.kind === 'find-policy' ? step.key : `policy ${step.policy}: ${step.name} ${step.kind}`
}
