// The memory of the reservoirs of calm: by place whose it is and how much it saw, and its samples.
//
// Samples lie in layers of one piece for each place: a place with few takes no memory of the further layers, and nothing is
// copied when one has more. What is known of a place is half a cache line, so a sample touches two.

import { CALM_WORDS, type CalmHost, type CalmRecord, stamped } from './calm-packet.ts'

const PIECE_SHIFT = 5
const PIECE_SAMPLES = 1 << PIECE_SHIFT
const PIECE_WORDS = PIECE_SAMPLES * CALM_WORDS
/** Words of what is known of a place. */
const [KEY, FAMILY, A, B, C, D, SEEN, STAMINA] = [0, 1, 2, 3, 4, 5, 6, 7] as const
const PLACE_SHIFT = 3

/** Where a sample lies. */
export interface Kept {
  readonly words: Uint32Array
  readonly at: number
}

export class CalmReservoirs {
  readonly #places: number
  readonly #samplesMax: number
  readonly #known: Int32Array
  readonly #layers: Uint32Array[] = []

  /** Places, and samples of one place at most. */
  constructor(places: number, samplesMax: number) {
    this.#places = places
    this.#samplesMax = samplesMax
    this.#known = new Int32Array(places << PLACE_SHIFT)
  }

  /** Gives the place to a host of which nothing was seen yet. */
  begin(place: number, { key, family, a, b, c, d }: CalmHost): void {
    const known = this.#known
    const at = place << PLACE_SHIFT
    known[at + KEY] = key
    known[at + FAMILY] = family
    known[at + A] = a
    known[at + B] = b
    known[at + C] = c
    known[at + D] = d
    known[at + SEEN] = 0
    known[at + STAMINA] = 0
  }

  hostOf(place: number): CalmHost {
    const word = (which: number) => this.#known[(place << PLACE_SHIFT) + which]!
    return { key: word(KEY), family: word(FAMILY), a: word(A), b: word(B), c: word(C), d: word(D) }
  }

  /** The host's key as a number of 32 bits with a sign. */
  keyOf(place: number): number {
    return this.#known[(place << PLACE_SHIFT) + KEY]!
  }

  /** Samples that are kept. */
  usedOf(place: number): number {
    return Math.min(this.#known[(place << PLACE_SHIFT) + SEEN]!, this.#samplesMax)
  }

  /** Counts one more that was seen, up to `most`; how many there are by now. */
  saw(place: number, most: number): number {
    const at = (place << PLACE_SHIFT) + SEEN
    const seen = this.#known[at]!
    if (seen >= most) return seen
    this.#known[at] = seen + 1
    return seen + 1
  }

  /** Makes the place stay for one newcomer more, up to `most`. */
  strengthen(place: number, most: number): void {
    const at = (place << PLACE_SHIFT) + STAMINA
    if (this.#known[at]! < most) this.#known[at]!++
  }

  /** A newcomer wants the place; whether it may have it. */
  wearDown(place: number): boolean {
    const at = (place << PLACE_SHIFT) + STAMINA
    if (this.#known[at] === 0) return true
    this.#known[at]!--
    return false
  }

  /** Keeps a packet that was learned at this moment as a sample of the place. */
  keep(place: number, sample: number, record: CalmRecord, seconds: number): void {
    const words = this.#layers[sample >>> PIECE_SHIFT] ?? this.#addLayer()
    const at = atOf(place, sample)
    words[at] = record.head
    words[at + 1] = record.ports
    words[at + 2] = record.peer
    words[at + 3] = stamped(record.rest, seconds)
  }

  /** The first sample of a layer comes after all of the layers before. */
  #addLayer(): Uint32Array {
    const layer = new Uint32Array(this.#places * PIECE_WORDS)
    this.#layers.push(layer)
    return layer
  }

  /** A sample that was kept. */
  sample(place: number, sample: number): Kept {
    return { words: this.#layers[sample >>> PIECE_SHIFT]!, at: atOf(place, sample) }
  }
}

const atOf = (place: number, sample: number): number =>
  place * PIECE_WORDS + (sample & (PIECE_SAMPLES - 1)) * CALM_WORDS
