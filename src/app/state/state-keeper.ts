// What must survive a restart, as it is now: hears of each change of attacks and mitigations and has it kept on disk.
//
// An attack is kept while it is open or anything is held for it, because whatever takes that back must know the attack.

import type { Attack } from '#4-detection/attack.ts'
import type { AttackKeeper } from '#4-detection/attack-store.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import { isActive, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationKeeper } from '#7-mitigation/mitigation-store.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { DiskStore } from '#store/disk-store.ts'

/** An open attack whose numbers change is written again at most so often. */
const UPDATE_SECONDS = 10
/**
 * Reports may extend a mitigation thousands of times a second. What is on disk ends at most so much sooner, and by no more
 * than a tenth of its time: that much of it a crash may cost, and an end in good order nothing.
 */
const SOONER_MS = 10_000

interface Held {
  mitigation: Mitigation
  /** As it is on disk, or on its way there. */
  written: Mitigation
}

interface Entry {
  attack: Attack
  readonly openedUptimeSeconds: number
  writtenAtSeconds: number
}

export interface StateKeeperOptions {
  readonly disk: Pick<DiskStore, 'put' | 'record'>
  /** Uptime of the machine. */
  readonly uptimeSeconds: () => number
}

export class StateKeeper implements AttackKeeper, MitigationKeeper {
  readonly #options: StateKeeperOptions
  readonly #attacks = new SteadyMap<Entry>()
  /** Active mitigations by attack, each by its id. */
  readonly #held = new SteadyMap<Map<string, Held>>()

  constructor(options: StateKeeperOptions) {
    this.#options = options
  }

  keepAttack(attack: Attack): void {
    const known = this.#attacks.get(attack.id)
    if (attack.state === 'ended' && !this.#held.has(attack.id)) {
      this.#forget(attack.id)
      return
    }
    const now = this.#options.uptimeSeconds()
    const entry = known ?? { attack, openedUptimeSeconds: now, writtenAtSeconds: now }
    const isWorthIt = known === undefined || this.#isWorthWriting(known, attack, now)
    entry.attack = attack
    if (known === undefined) this.#attacks.set(attack.id, entry)
    if (isWorthIt) this.#put(entry)
  }

  #isWorthWriting({ attack: before, writtenAtSeconds }: Entry, attack: Attack, now: number): boolean {
    if (before.state !== 'open' || attack.state !== 'open') return true
    if (before.isOver !== attack.isOver || before.finding !== attack.finding) return true
    return now - writtenAtSeconds >= UPDATE_SECONDS
  }

  keepMitigation(mitigation: Mitigation): void {
    const { id, attackId } = mitigation
    const { disk } = this.#options
    if (isActive(mitigation)) {
      const known = this.#held.get(attackId)?.get(id)
      if (known !== undefined && isLittleLater(known, mitigation)) known.mitigation = mitigation
      else this.#write(mitigation)
      return
    }
    const held = this.#held.get(attackId)
    held?.delete(id)
    disk.put({ kind: 'mitigation-gone', id })
    disk.put({ kind: 'past-mitigation', mitigation })
    if (held === undefined || held.size > 0) return
    this.#held.delete(attackId)
    if (this.#attacks.get(attackId)?.attack.state !== 'open') this.#forget(attackId)
  }

  record(entry: AuditEntry): void {
    this.#options.disk.record(entry)
  }

  /** Takes up what an earlier run left; it is written again, because it may have been read on another boot. */
  adopt(attack: Attack, ageSeconds: number, mitigations: readonly Mitigation[]): void {
    const now = this.#options.uptimeSeconds()
    const entry = { attack, openedUptimeSeconds: now - ageSeconds, writtenAtSeconds: now }
    this.#attacks.set(attack.id, entry)
    this.#put(entry)
    for (const mitigation of mitigations) this.#write(mitigation)
  }

  /** Has what was not worth writing written after all: the daemon ends, or somebody saves the state. */
  keepLast(): void {
    for (const held of this.#held.values())
      for (const { mitigation, written } of held.values()) if (mitigation !== written) this.#write(mitigation)
  }

  /** Has all of it written again: the file on disk is a new one. */
  keepAll(): void {
    for (const entry of this.#attacks.values()) this.#put(entry)
    for (const held of this.#held.values())
      for (const { mitigation } of held.values()) this.#write(mitigation)
  }

  #write(mitigation: Mitigation): void {
    const { id, attackId } = mitigation
    const held = this.#held.get(attackId) ?? new Map<string, Held>()
    this.#held.set(attackId, held.set(id, { mitigation, written: mitigation }))
    this.#options.disk.put({ kind: 'mitigation', mitigation })
  }

  #put(entry: Entry): void {
    const { attack, openedUptimeSeconds } = entry
    const { disk, uptimeSeconds } = this.#options
    entry.writtenAtSeconds = uptimeSeconds()
    disk.put({ kind: 'attack', attack, openedUptimeSeconds })
  }

  #forget(id: string): void {
    this.#attacks.delete(id)
    this.#options.disk.put({ kind: 'attack-gone', id })
  }
}

/** Nothing but its end is another than before, and that lies little behind the one that is written. */
function isLittleLater({ mitigation: before, written }: Held, after: Mitigation): boolean {
  const later = after.expiresAt - written.expiresAt
  if (later < 0 || later > Math.min(SOONER_MS, after.ttlSeconds * 100)) return false
  const keys = Object.keys(after) as (keyof Mitigation)[]
  return keys.every(key => key === 'expiresAt' || after[key] === before[key])
}
