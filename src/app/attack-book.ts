// What the daemon remembers of attacks: open ones, and the newest that ended, each with decision, flows and packets.

import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import { isReported, isRule } from '#4-detection/reported-attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Tallies } from '#5-evidence/tallies.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'

export interface AttackEntry {
  attack: Attack
  /** What policy decided, in one sentence. */
  decision: string
  flows: readonly FlowSection[]
  packets: readonly PacketRecord[]
  /** Rules that its packets suggest; missing: none were sought, or not yet. */
  proposed?: ProposedRules
  /** What its packets have in common; missing: nobody looked at enough of them. */
  tallies?: Tallies
}

export interface BookBounds {
  /** Ended attacks that are remembered; older ones are forgotten. */
  readonly endedMax: number
  /** Packets and lines of flows that are remembered for all attacks together; of the oldest they are forgotten first. */
  readonly recordsMax: number
}

const BOUNDS: BookBounds = { endedMax: 1000, recordsMax: 100_000 }

export class AttackBook {
  readonly #bounds: BookBounds
  // Maps keep the order of insertion: oldest first.
  readonly #open = new Map<string, AttackEntry>()
  /** Open attacks that we found or were told to ban, by host: of each at most one. */
  readonly #openHosts = new SteadyMap<string>()
  readonly #ended = new Map<string, AttackEntry>()
  /** How many records the entries with any hold. */
  readonly #records = new Map<string, number>()
  #recordsHeld = 0

  constructor(bounds: BookBounds = BOUNDS) {
    this.#bounds = bounds
  }

  opened(attack: Attack, decision: string, flows: readonly FlowSection[]): void {
    const entry: AttackEntry = { attack, decision, flows, packets: [] }
    this.#open.set(attack.id, entry)
    if (!isReported(attack)) this.#openHosts.set(attack.host, attack.id)
    this.#hold(entry)
  }

  updated(attack: Attack): void {
    const entry = this.#open.get(attack.id)
    if (entry !== undefined) entry.attack = attack
  }

  /** Policy decided again. */
  decided(attackId: string, decision: string): void {
    const entry = this.#open.get(attackId)
    if (entry !== undefined) entry.decision = decision
  }

  /** Gives back what was proposed before. */
  proposed(attackId: string, proposed: ProposedRules): ProposedRules | undefined {
    const entry = this.#open.get(attackId)
    const before = entry?.proposed
    if (entry !== undefined) entry.proposed = proposed
    return before
  }

  /** The newest ones, unless they come from far fewer packets than those that are known. */
  tallied(attackId: string, tallies: Tallies): void {
    const entry = this.get(attackId)
    if (entry !== undefined && tallies.packets * 2 >= (entry.tallies?.packets ?? 0)) entry.tallies = tallies
  }

  evidence(attackId: string, packets: readonly PacketRecord[]): Attack | undefined {
    const entry = this.get(attackId)
    if (entry === undefined) return undefined
    entry.packets = packets
    this.#hold(entry)
    return entry.attack
  }

  ended(attack: Attack): void {
    const entry = this.#open.get(attack.id)
    if (entry === undefined) return
    this.#open.delete(attack.id)
    if (!isReported(attack)) this.#openHosts.delete(attack.host)
    entry.attack = attack
    this.#ended.set(attack.id, entry)
    for (const id of this.#ended.keys()) {
      if (this.#ended.size <= this.#bounds.endedMax) return
      this.#letGo(id)
      this.#ended.delete(id)
    }
  }

  /** Counts what an entry holds, and makes room. */
  #hold(entry: AttackEntry): void {
    const { id } = entry.attack
    const records = entry.flows.reduce((sum, { flows }) => sum + flows.length, entry.packets.length)
    this.#recordsHeld += records - (this.#records.get(id) ?? 0)
    // Of what others report there are none: no table need know of it.
    if (records > 0 || !isReported(entry.attack)) this.#records.set(id, records)
    for (const oldest of this.#records.keys()) {
      if (this.#recordsHeld <= this.#bounds.recordsMax) return
      this.#letGo(oldest)
    }
  }

  #letGo(id: string): void {
    const entry = this.get(id)
    if (entry !== undefined) {
      entry.flows = []
      entry.packets = []
    }
    this.#recordsHeld -= this.#records.get(id) ?? 0
    this.#records.delete(id)
  }

  get(id: string): AttackEntry | undefined {
    return this.#open.get(id) ?? this.#ended.get(id)
  }

  /** Newest first. */
  list(state: 'open' | 'ended' | 'all'): AttackEntry[] {
    const open = state === 'ended' ? [] : [...this.#open.values()]
    const ended = state === 'open' ? [] : [...this.#ended.values()]
    return [...open, ...ended].sort(newestFirst)
  }

  /** Open ones but those that only carry out rules by people, newest first. */
  get bans(): AttackEntry[] {
    return this.list('open').filter(({ attack }) => !isRule(attack))
  }

  /** Open attacks, as they were last told. */
  get open(): OpenAttack[] {
    return [...this.eachOpen()]
  }

  /** The same one by one, in the order in which they opened: for whoever looks at them each second. */
  *eachOpen(): Generator<OpenAttack, undefined> {
    for (const { attack } of this.#open.values()) if (attack.state === 'open') yield attack
  }

  /** Whether the attack is open and was over a limit since then. What somebody ordered, or has to end, need not be seen. */
  wasSeen(id: string, since: number): boolean {
    const attack = this.get(id)?.attack
    if (attack?.state !== 'open') return false
    if (attack.reported !== undefined) return attack.lastOverAt > since
    const isOrdered = attack.origin === 'manual' || attack.banSeconds === 0
    return isOrdered || attack.isOver || attack.lastOverAt > since
  }

  /** Whether a host has an open attack that no report or order made. */
  isOpen(host: string): boolean {
    return this.#openHosts.has(host)
  }

  /** The id of that attack. */
  openOn(host: string): string | undefined {
    return this.#openHosts.get(host)
  }

  get openCount(): number {
    return this.#open.size
  }
}

const newestFirst = ({ attack: a }: AttackEntry, { attack: b }: AttackEntry): number =>
  b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1)
