// Who talked with whom both ways in calm: an ageing Bloom filter (Bloom 1970) of fixed memory.
//
// A pair of host and peer is a friendship when packets of both directions were sampled. Each direction has two
// generations of bits: the young one is written, both are read, and when its time is over or it is half full it becomes
// the old one. What was not seen for two generations is forgotten.

const BITS = 1 << 20
const WORDS = BITS / 32
const PROBES = 4
/** Half full, one in 16 strangers passes a direction, one in 256 both. */
const FULL_BITS = BITS / 2

class Direction {
  #young = new Uint32Array(WORDS)
  #old = new Uint32Array(WORDS)
  #set = 0

  add(hash: number): void {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = placeOf(hash, probe)
      const word = this.#young[bit >>> 5]!
      const mask = 1 << (bit & 31)
      if ((word & mask) !== 0) continue
      this.#young[bit >>> 5] = word | mask
      this.#set++
    }
  }

  has(hash: number): boolean {
    return holds(this.#young, hash) || holds(this.#old, hash)
  }

  get isFull(): boolean {
    return this.#set >= FULL_BITS
  }

  age(): void {
    const emptied = this.#old
    this.#old = this.#young
    this.#young = emptied.fill(0)
    this.#set = 0
  }
}

export class Friends {
  readonly #generationSeconds: number
  readonly #to = new Direction()
  readonly #from = new Direction()
  #agedAt: number | undefined

  /** Friends are remembered for one to two times `generationSeconds`. */
  constructor(generationSeconds: number) {
    this.#generationSeconds = generationSeconds
  }

  /** A packet between a host of ours and a peer, both as one hash of the pair; `isIncoming` when the peer sent it. */
  saw(pair: number, isIncoming: boolean): void {
    if (isIncoming) this.#to.add(pair)
    else this.#from.add(turned(pair))
  }

  isFriend(pair: number): boolean {
    return this.#to.has(pair) && this.#from.has(turned(pair))
  }

  /** Lets time pass; `nowSeconds` on the clock of the ticks. */
  age(nowSeconds: number): void {
    this.#agedAt ??= nowSeconds
    const isDue = nowSeconds - this.#agedAt >= this.#generationSeconds
    if (!isDue && !this.#to.isFull && !this.#from.isFull) return
    this.#agedAt = nowSeconds
    this.#to.age()
    this.#from.age()
  }

  /** Bytes of the filter. */
  get memoryBytes(): number {
    return 4 * WORDS * 4
  }
}

function holds(bits: Uint32Array, hash: number): boolean {
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = placeOf(hash, probe)
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false
  }
  return true
}

/** Other places for the other direction: who passes one by chance does not pass both. */
const turned = (pair: number): number => {
  const mixed = Math.imul(pair ^ 0x5bd1_e995, 0xc2b2_ae35)
  return mixed ^ (mixed >>> 13)
}

/** Double hashing (Kirsch and Mitzenmacher 2006): one hash of 32 bits is spread into as many as are needed. */
const placeOf = (hash: number, probe: number): number =>
  (hash + Math.imul(probe, Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) | 1)) & (BITS - 1)
