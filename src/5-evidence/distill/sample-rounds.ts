// Packet samples of open attacks for the distiller, taken in rounds: about a thousand of a second or less, of a few attacks at
// a time.
//
// Whoever has no result yet has the first turn, with what the rings held when it opened, as soon as that is enough; all others
// stand in one line. Memory is bounded over all attacks: who finds no room for samples waits for a round.

import type { Sample } from '#2-decode/sample.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { prefixOver, type WantedPrefix, wantedPrefixOf } from '../wanted.ts'
import type { DistillSample } from './distillation.ts'
import { packetOfFrame } from './packet-of-frame.ts'
import { asTold } from './sample-of-record.ts'

/** Samples of a round. */
export const ROUND_SAMPLES = 1024
/** A round ends with what there is after so long. */
export const ROUND_SECONDS = 1
/** So many are enough for a first result. */
export const FIRST_SAMPLES = 100
/** Attacks that are sampled at the same time. */
export const ROUNDS_MAX = 8
/** Samples that attacks bring with them when they open, all together; rounds under way hold theirs beside. */
const HELD_MAX = 16 * ROUND_SAMPLES
/** Prefixes of one attack that are looked for. */
export const PREFIXES_MAX = 64

/** What of an attack is sampled. */
export interface Sampled {
  readonly id: string
  /** Addresses or prefixes whose packets are meant, as text: those to them, or from them. */
  readonly targets: readonly string[]
  readonly isIncoming: boolean
}

/** Told when packets of an attack are to be copied, and when that is over. */
export interface RoundListener {
  began(attackId: string): void
  ended(attackId: string): void
}

interface Round extends Sampled {
  /** Looked up when a round begins: in a storm most attacks never have one. */
  wanted: readonly WantedPrefix[]
  readonly samples: DistillSample[]
  isFirst: boolean
  /** On the clock of the caller. */
  beganAt: number
  endedAt: number
  /** Packets were copied for it: from then on only these count, so that none counts twice. */
  hasWatched: boolean
}

export interface Ready {
  readonly attackId: string
  readonly samples: readonly DistillSample[]
  /** For so long they were taken; 0: they are those that were known when the attack opened. */
  readonly seconds: number
  /** Not ended early for the sake of a first result. */
  readonly isWhole: boolean
}

export class SampleRounds {
  readonly #listener: RoundListener
  readonly #attacks = new Map<string, Round>()
  /** In line for a round: first those without a result. */
  readonly #first = new Set<string>()
  readonly #again = new Set<string>()
  readonly #active = new Map<string, Round>()
  readonly #ready = new Set<string>()
  #held = 0

  constructor(listener: RoundListener) {
    this.#listener = listener
  }

  /** An attack opened; `samples` are those that are known of it already. */
  open(attack: Sampled, samples: readonly DistillSample[]): void {
    const round: Round = {
      ...attack,
      wanted: [],
      samples: [],
      isFirst: true,
      beganAt: 0,
      endedAt: 0,
      hasWatched: false,
    }
    this.#attacks.set(attack.id, round)
    const kept = samples.slice(-Math.min(ROUND_SAMPLES, HELD_MAX - this.#held))
    if (this.hasRoom) this.#keep(round, kept)
    if (round.samples.length >= FIRST_SAMPLES) this.#ready.add(attack.id)
    else this.#first.add(attack.id)
  }

  /** It goes on: another round, when it is its turn. */
  again(attackId: string): void {
    const isBusy = this.#first.has(attackId) || this.#active.has(attackId) || this.#ready.has(attackId)
    if (this.#attacks.has(attackId) && !isBusy) this.#again.add(attackId)
  }

  close(attackId: string): void {
    const round = this.#attacks.get(attackId)
    if (round === undefined) return
    this.#drop(round)
    this.#attacks.delete(attackId)
    this.#first.delete(attackId)
    this.#again.delete(attackId)
    this.#ready.delete(attackId)
    if (this.#active.delete(attackId)) this.#listener.ended(attackId)
  }

  /** Whether samples of one more attack find room: in a storm of attacks it is not worth making them. */
  get hasRoom(): boolean {
    return this.#held < HELD_MAX
  }

  /** Whether somebody is being sampled: samples are wanted. */
  get isWanted(): boolean {
    return this.#active.size > 0
  }

  /** Whether a first result is still to come. */
  get hasFirst(): boolean {
    return this.#first.size > 0 || [...this.#active.values(), ...this.#readyRounds()].some(one => one.isFirst)
  }

  isSampled(attackId: string): boolean {
    return this.#active.has(attackId)
  }

  /** Ends rounds that are full or over, and begins others. */
  tick(nowSeconds: number): void {
    for (const [id, round] of this.#active) {
      const enough = round.isFirst ? FIRST_SAMPLES : ROUND_SAMPLES
      if (round.samples.length < enough && nowSeconds < round.beganAt + ROUND_SECONDS) continue
      round.endedAt = nowSeconds
      this.#active.delete(id)
      this.#ready.add(id)
      this.#listener.ended(id)
    }
    for (const line of [this.#first, this.#again]) {
      for (const id of line) {
        if (this.#active.size >= ROUNDS_MAX) return
        line.delete(id)
        this.#begin(id, nowSeconds)
      }
    }
  }

  #begin(id: string, nowSeconds: number): void {
    const round = this.#attacks.get(id)
    if (round === undefined) return
    round.beganAt = round.endedAt = nowSeconds
    round.hasWatched = false
    round.wanted = wantedOf(round)
    this.#listener.began(id)
    this.#active.set(id, round)
  }

  /** A packet as `SampleDesk.each` shows it. */
  offer(
    sample: Sample,
    frame: DataView,
    end: number,
    weight: number,
    isWatched: boolean,
    told: number,
    bytes: number,
  ): void {
    for (const round of this.#active.values()) {
      if (round.samples.length >= ROUND_SAMPLES || !isOf(round, sample)) continue
      // Of an attack on prefixes no packets are copied; those copied for single hosts of it would count twice.
      const isHost = round.wanted.length === 1 && round.wanted[0]?.isHost === true
      if (isWatched && !isHost) continue
      if (isWatched) round.hasWatched = true
      else if (round.hasWatched) continue
      this.#keep(round, [{ ...looked(sample, frame, end, told, bytes), weight }])
    }
  }

  /** The next whose samples are to be distilled; they are handed over. */
  take(): Ready | undefined {
    const [round] = this.#readyRounds()
    if (round === undefined) return undefined
    const { id, isFirst, beganAt, endedAt } = round
    this.#ready.delete(id)
    round.isFirst = false
    const samples = [...round.samples]
    this.#drop(round)
    const isWhole = !isFirst || samples.length >= ROUND_SAMPLES / 2
    return { attackId: id, samples, seconds: endedAt - beganAt, isWhole }
  }

  #readyRounds(): Round[] {
    const ready = [...this.#ready].flatMap(id => this.#attacks.get(id) ?? [])
    const first = ready.filter(({ isFirst }) => isFirst)
    return first.length > 0 ? first : ready
  }

  #keep(round: Round, samples: readonly DistillSample[]): void {
    round.samples.push(...samples)
    this.#held += samples.length
  }

  #drop(round: Round): void {
    this.#held -= round.samples.length
    round.samples.length = 0
  }

  /** Attacks in line, and samples that are held. */
  get counts() {
    return { waiting: this.#first.size + this.#again.size + this.#ready.size, held: this.#held }
  }
}

const wantedOf = ({ targets }: Sampled): readonly WantedPrefix[] =>
  targets.slice(0, PREFIXES_MAX).flatMap(text => {
    const prefix = parsePrefix(text)
    return prefix === undefined ? [] : [wantedPrefixOf(text, prefix)]
  })

function isOf({ wanted, isIncoming }: Round, sample: Sample): boolean {
  const { family } = sample
  const text = isIncoming
    ? prefixOver(wanted, family, sample.targetA, sample.targetB, sample.targetC, sample.targetD)
    : prefixOver(wanted, family, sample.sourceA, sample.sourceB, sample.sourceC, sample.sourceD)
  return text !== undefined
}

/** Headers that were made up of a flow record end where they end: nothing of them was cut off. */
function looked(sample: Sample, frame: DataView, end: number, told: number, bytes: number) {
  const { ipOffset, ipLength } = sample
  const wireEnd = told > 0 ? end : Math.max(end, ipOffset + (ipLength === 0 ? bytes : ipLength))
  return asTold(packetOfFrame(sample, frame, end, wireEnd), told === 0 ? undefined : told)
}
