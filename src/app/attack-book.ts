// What the daemon remembers of attacks: open ones, and the newest that ended, each with decision, flows and packets.

import type { Attack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'

export interface AttackEntry {
  attack: Attack
  /** What policy decided, in one sentence. */
  readonly decision: string
  readonly flows: readonly FlowSection[]
  packets: readonly PacketRecord[]
}

/** Ended attacks that are remembered; older ones are forgotten. */
const ENDED_MAX = 1000
/** Packets are remembered for so many of the newest attacks. */
const WITH_PACKETS_MAX = 200

export class AttackBook {
  // A map keeps the order of insertion: oldest first.
  readonly #open = new Map<string, AttackEntry>()
  readonly #ended = new Map<string, AttackEntry>()

  opened(attack: Attack, decision: string, flows: readonly FlowSection[]): void {
    this.#open.set(attack.id, { attack, decision, flows, packets: [] })
  }

  updated(attack: Attack): void {
    const entry = this.#open.get(attack.id)
    if (entry !== undefined) entry.attack = attack
  }

  evidence(attackId: string, packets: readonly PacketRecord[]): Attack | undefined {
    const entry = this.#open.get(attackId) ?? this.#ended.get(attackId)
    if (entry !== undefined) entry.packets = packets
    return entry?.attack
  }

  ended(attack: Attack): void {
    const entry = this.#open.get(attack.id)
    if (entry === undefined) return
    this.#open.delete(attack.id)
    this.#ended.set(attack.id, { ...entry, attack })
    dropOldest(this.#ended, ENDED_MAX)
    this.#forgetPackets()
  }

  #forgetPackets(): void {
    let surplus = this.#ended.size - WITH_PACKETS_MAX
    for (const entry of this.#ended.values()) {
      if (surplus-- <= 0) return
      entry.packets = []
    }
  }

  get(id: string): AttackEntry | undefined {
    return this.#open.get(id) ?? this.#ended.get(id)
  }

  /** Newest first. */
  list(state: 'open' | 'ended' | 'all'): AttackEntry[] {
    const open = state === 'ended' ? [] : [...this.#open.values()]
    const ended = state === 'open' ? [] : [...this.#ended.values()]
    return [...open, ...ended].sort((a, b) => b.attack.openedAt - a.attack.openedAt)
  }

  get openCount(): number {
    return this.#open.size
  }
}

function dropOldest(entries: Map<string, AttackEntry>, most: number): void {
  for (const id of entries.keys()) {
    if (entries.size <= most) return
    entries.delete(id)
  }
}
