// Where attacks are distilled: samples of open ones in, proposals out, a bounded number per tick.
//
// A result comes as soon as there are samples enough, another one of a full round right after it, and then one each few seconds
// while traffic is still over a limit: what a router drops before us tells of nothing, so nothing is changed because of it.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { Moment } from '#4-detection/ban.ts'
import type { CalmPacket } from '#4-detection/calm-packet.ts'
import { type Damped, damp } from '#5-evidence/distill/damping.ts'
import type { Distill, Distilled, DistillSample } from '#5-evidence/distill/distillation.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import { samplesOfRecords } from '#5-evidence/distill/sample-of-record.ts'
import { type Ready, ROUND_SAMPLES, type Sampled, SampleRounds } from '#5-evidence/distill/sample-rounds.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import type { LookAtSample } from '#5-evidence/sample-desk.ts'
import { type Tallies, talliesOfSamples } from '#5-evidence/tallies.ts'
import { buildInventory, type Inventory } from '#6-policy/inventory.ts'
import { contains, type Prefix } from '#lib/ip/prefix.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { ResolvedConfig } from './config/config.ts'
import { askedOf, isDistilled, isStillOver, oursOf, TICK_SECONDS } from './distill-input.ts'

export interface DistillRoomOptions {
  readonly config: ResolvedConfig
  readonly distill: Distill
  /** Packets learned before a moment, at most so many. */
  readonly calm: (
    prefixes: readonly Prefix[],
    isIncoming: boolean,
    most: number,
    beforeSeconds: number,
  ) => readonly CalmPacket[]
  /** Has every n-th packet of an attack copied for its round, or no longer. */
  readonly watch: { began(attack: OpenAttack): void; ended(attack: OpenAttack): void }
}

/** Calm packets that are handed in at most. */
const NORMAL_MAX = 10_000

/** What came so shortly before its limit was crossed may be the flood already. What is judged as a whole is by the second. */
const CALM_MARGIN_SECONDS = 0.2
const WIDE_MARGIN_SECONDS = 1.5
/** What a host gets so soon after an attack may be the rest of it, or its next wave gathering. */
const RESTLESS_SECONDS = 300
const RESTLESS_MAX = 4096

/** What a round of an attack says. */
export interface Found {
  readonly attackId: string
  readonly tallies: Tallies
  /** Missing: nothing new is to be said of rules. */
  readonly proposed?: ProposedRules
}

interface Restless {
  readonly calmUntil: number
  readonly endedSeconds: number
}

interface Case {
  attack: OpenAttack
  /** What was learned before counts as calm. */
  readonly calmUntil: number
  damped: Damped | undefined
  /** When the next round is due; `undefined` while one is under way. */
  dueSeconds: number | undefined
}

export class DistillRoom {
  readonly #options: DistillRoomOptions
  readonly #rounds: SampleRounds
  readonly #cases = new Map<string, Case>()
  /** Of those that were attacked lately, the oldest first: by direction and host. */
  readonly #restless = new Map<string, Restless>()
  #seconds = 0
  readonly #counts: Record<Distilled['kind'], number> = { rules: 0, inseparable: 0, 'too-few': 0 }
  #config: ResolvedConfig
  #inventory: Inventory | undefined
  #milliseconds = 0

  constructor(options: DistillRoomOptions) {
    this.#options = options
    this.#config = options.config
    this.#inventory = inventoryOf(options.config)
    this.#rounds = new SampleRounds({
      began: id => this.#tell('began', id),
      ended: id => this.#tell('ended', id),
    })
  }

  #tell(what: 'began' | 'ended', id: string): void {
    const one = this.#cases.get(id)
    if (one !== undefined) this.#options.watch[what](one.attack)
  }

  reconfigure(config: ResolvedConfig): void {
    this.#inventory = inventoryOf(config)
    this.#config = config
  }

  /** Whether packets of this attack are looked at. */
  takes(attack: OpenAttack): boolean {
    return this.#config.evidence.distill.enabled && isDistilled(attack)
  }

  /** An attack opened, with the packets the rings hold of it, or is taken over from before a restart. */
  opened(attack: OpenAttack, records: readonly PacketRecord[], now: Moment): void {
    if (!this.takes(attack) || this.#cases.has(attack.id)) return
    const isIncoming = attack.direction === 'incoming'
    const sampled: Sampled = { id: attack.id, targets: attack.prefixes, isIncoming }
    // Of one that is taken over the whole time since counts.
    const openSeconds = Math.max(0, now.wallMs - attack.openedAt) / 1000
    const margin = attack.scope === 'host' ? CALM_MARGIN_SECONDS : WIDE_MARGIN_SECONDS
    const calmBefore = now.seconds - openSeconds - (attack.crossing?.overSeconds ?? 0) - margin
    const calmUntil = Math.min(calmBefore, this.#calmOfBefore(attack, now.seconds))
    this.#cases.set(attack.id, { attack, calmUntil, damped: undefined, dueSeconds: undefined })
    this.#rounds.open(
      sampled,
      records.length > 0 && this.#rounds.hasRoom ? floodOf(attack, records, this.#inside) : [],
    )
  }

  get #inside(): boolean {
    return this.#config.capture.tunnels === 'inner'
  }

  /** It stands otherwise, or is better known. */
  updated(attack: OpenAttack): void {
    const one = this.#cases.get(attack.id)
    if (one !== undefined) one.attack = attack
  }

  ended(attackId: string): void {
    const one = this.#cases.get(attackId)
    if (one !== undefined) this.#goesRestless(one)
    this.#rounds.close(attackId)
    this.#cases.delete(attackId)
  }

  #goesRestless({ attack, calmUntil }: Case): void {
    const key = placeOf(attack)
    this.#restless.delete(key)
    this.#restless.set(key, { calmUntil, endedSeconds: this.#seconds })
    const [oldest] = this.#restless.keys()
    if (this.#restless.size > RESTLESS_MAX && oldest !== undefined) this.#restless.delete(oldest)
  }

  /** Until when its traffic was calm, when it was attacked lately. */
  #calmOfBefore(attack: OpenAttack, seconds: number): number {
    const before = this.#restless.get(placeOf(attack))
    const isLately = before !== undefined && seconds - before.endedSeconds < RESTLESS_SECONDS
    return isLately ? before.calmUntil : Number.POSITIVE_INFINITY
  }

  /** Whether samples are wanted. */
  get isSampling(): boolean {
    return this.#rounds.isWanted
  }

  isSampled(attackId: string): boolean {
    return this.#rounds.isSampled(attackId)
  }

  /** Whether an attack still waits for its first result. */
  get isAwaited(): boolean {
    return this.#rounds.hasFirst
  }

  readonly offer: LookAtSample = (...sample) => this.#rounds.offer(...sample)

  tick({ seconds }: Moment): void {
    this.#seconds = seconds
    for (const [id, one] of this.#cases) {
      if (one.dueSeconds === undefined || seconds < one.dueSeconds || !one.attack.isOver) continue
      one.dueSeconds = undefined
      this.#rounds.again(id)
    }
    this.#rounds.tick(seconds)
  }

  /** Distils what is ready of one attack; `undefined` when nothing is. */
  next(now: Moment): Found | undefined {
    const ready = this.#rounds.take()
    const one = ready && this.#cases.get(ready.attackId)
    if (ready === undefined || one === undefined) return undefined
    const began = performance.now()
    const proposed = this.#distil(ready, one, now)
    this.#milliseconds += performance.now() - began
    const tallies = talliesOfSamples(ready.samples)
    return { attackId: ready.attackId, tallies, ...(proposed === undefined ? {} : { proposed }) }
  }

  #distil({ samples, seconds, isWhole }: Ready, one: Case, now: Moment): ProposedRules | undefined {
    const { everySeconds, rulesMax } = this.#config.evidence.distill
    one.dueSeconds = now.seconds + (isWhole ? everySeconds : 0)
    // What came of the attack is over, or stopped before us: its packets are those of calm, and say nothing of it.
    if (one.damped !== undefined && !isStillOver(one.attack, samples, seconds)) return undefined
    const asked = askedOf(one.attack, samples, {
      calm: (...asked) => this.#options.calm(...asked, NORMAL_MAX, one.calmUntil),
      allowedPorts: prefix => this.#inventory?.find(prefix)?.allowedPorts,
      ...{ router: this.#config.policy.flowspecRouter, rulesMax },
    })
    if (asked === undefined) return undefined
    const { input, targets } = asked
    const distilled = this.#options.distill(input)
    this.#counts[distilled.kind]++
    // From few packets only rules are worth telling: what does not separate may do so when more are seen.
    if (!isWhole && distilled.kind !== 'rules') return undefined
    const { damped, before } = damp(one.damped, distilled, input, now.wallMs, isWhole)
    one.damped = damped
    if (damped.isDoubted) one.dueSeconds = now.seconds
    return { at: now.wallMs, targets, distilled: damped.distilled, ...(before && { before }) }
  }

  metrics(): MetricValue[] {
    const { waiting, held } = this.#rounds.counts
    return [
      ...Object.entries(this.#counts).map(([result, value]) => ({
        ...{ name: 'floodwarden_distillations_total', value },
        labels: { result },
      })),
      { name: 'floodwarden_distilling_seconds_total', value: this.#milliseconds / 1000 },
      { name: 'floodwarden_distilling_attacks_waiting', value: waiting },
      { name: 'floodwarden_distilling_samples_held', value: held },
    ]
  }
}

const placeOf = ({ direction, host }: OpenAttack): string => `${direction} ${host}`

/** Of its direction, from the first tick above the limit on: what came before is no part of the flood. */
function floodOf(attack: OpenAttack, records: readonly PacketRecord[], inside: boolean): DistillSample[] {
  const { crossing, openedAt, direction } = attack
  const since = (openedAt - ((crossing?.overSeconds ?? 0) + TICK_SECONDS) * 1000) * 1000
  const ours = oursOf(attack)
  const young = records.filter(({ timeMicros }) => timeMicros >= since).slice(-ROUND_SAMPLES)
  return samplesOfRecords(young, inside).filter(({ packet }) => {
    const end = direction === 'incoming' ? packet.target : packet.source
    return ours.some(prefix => contains(prefix, end))
  })
}

function inventoryOf({ inventory }: ResolvedConfig): Inventory | undefined {
  if (inventory.customers.length === 0) return undefined
  const built = buildInventory(inventory)
  return built.kind === 'ok' ? built.inventory : undefined
}
