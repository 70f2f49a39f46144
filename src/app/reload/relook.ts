// What of a running engine has to be looked up again when its configuration changes: limits of hosts, and places of bans.

import { isDeepStrictEqual } from 'node:util'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { Attack } from '#4-detection/attack.ts'
import { inspectAttack } from '#6-policy/decide.ts'
import { type Rails, railPrefixesOf } from '#6-policy/guardrail.ts'
import type { Address } from '#lib/ip/address.ts'
import type { ResolvedConfig } from '../config/config.ts'

/** What it needs of the engine. */
export interface Relookable {
  readonly pass: {
    readonly hosts: {
      readonly bound: number
      isAttached(host: number): boolean
      address(host: number): Address
    }
  }
  readonly detector: {
    readonly urgent: ReadonlySet<number>
    relook(host: number, address: Address): void
    relooked(): void
  }
}

/** Hosts looked up in one tick: with a million of them the rest follows in the ticks after it. */
const HOSTS_PER_TICK = 32_768

/** Looks up all hosts again, a share in each tick; those that are over a limit or under attack at once. */
export class Relook {
  readonly #engine: Relookable
  /** The next host to look up; 0: all are. */
  #next = 0

  constructor(engine: Relookable) {
    this.#engine = engine
  }

  begin(): void {
    for (const host of this.#engine.detector.urgent) this.#look(host)
    this.#next = 1
    this.some()
  }

  /** Goes on with it, as far as one tick should. */
  some(): void {
    if (this.#next === 0) return
    const { hosts } = this.#engine.pass
    const end = Math.min(hosts.bound, this.#next + HOSTS_PER_TICK)
    for (let host = this.#next; host < end; host++) this.#look(host)
    this.#next = end
    if (end < hosts.bound) return
    this.#next = 0
    this.#engine.detector.relooked()
  }

  #look(host: number): void {
    const { hosts } = this.#engine.pass
    if (host !== 0 && hosts.isAttached(host)) this.#engine.detector.relook(host, hosts.address(host))
  }
}

/** Whether networks, hostgroups and prefixes are judged as wholes by both alike. */
export function judgesAlike(before: ResolvedConfig, after: ResolvedConfig): boolean {
  return isDeepStrictEqual(wholesOf(before), wholesOf(after))
}

const wholesOf = ({ networks, hostgroups, detection }: ResolvedConfig) => {
  const { banSeconds: _ban, holdSeconds: _hold, unbanOnlyIfAttackFinished: _only, ...judged } = detection
  return [networks, hostgroups, judged]
}

/** Attacks that policy would have allowed to be acted on before and forbids now, whoever opened them. */
export function lostPlace(before: ResolvedConfig, after: ResolvedConfig): (attack: Attack) => boolean {
  const [old, now] = [railsOf(before), railsOf(after)]
  return attack => isAllowed(attack, old) && !isAllowed(attack, now)
}

const isAllowed = (attack: Attack, rails: Rails): boolean => inspectAttack(attack, rails).length === 0

/** What lies within, whatever is held: caps keep nothing back here. */
const railsOf = ({ networks, whitelist, policy }: ResolvedConfig): Rails => ({
  ...railPrefixesOf({
    networks: prefixesOf(networks),
    whitelist: prefixesOf(whitelist),
    managementPrefixes: prefixesOf(policy.managementPrefixes),
    safelist: policy.safelist,
  }),
  ...{ targets: new Set<string>(), bansWithinMinute: 0 },
  ...{ bansMax: Number.POSITIVE_INFINITY, bansPerMinute: Number.POSITIVE_INFINITY },
})
