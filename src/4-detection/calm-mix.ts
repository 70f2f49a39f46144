// What hosts of ours have in calm: for each of a bounded number of them a reservoir of samples in compact form.
//
// A sample is two numbers, protocol and length class with the host's own port, and with the peer's. A packet is familiar
// when one of them is in the reservoir. Who is sampled often keeps its place: a newcomer has to wear down the place
// it wants, so that a scan over a whole network does not push the busy ones out.

/** Hosts with a reservoir, and samples in each. */
export const TARGETS_MAX = 2000
export const MIX_SAMPLES_MAX = 1024
const FIRST_SAMPLES = 32
/** Fewer samples tell nothing. */
export const MIX_SAMPLES_MIN = 64
/** Older samples are replaced as if so many had been seen at most. */
const SEEN_MAX = MIX_SAMPLES_MAX * 8
const STAMINA_MAX = 255

/** The two forms of a sample. */
export interface MixKeys {
  readonly own: number
  readonly peer: number
}

interface Mix {
  key: number
  own: Uint32Array
  peer: Uint32Array
  used: number
  seen: number
  stamina: number
}

export class CalmMixes {
  readonly #mixes = new Map<number, Mix>()
  readonly #places: Mix[] = []
  #hand = 0
  #random: number

  constructor(seed: number) {
    this.#random = seed | 1
  }

  /** A calm sample of the host with this key. */
  add(host: number, own: number, peer: number): void {
    const mix = this.#mixes.get(host) ?? this.#enter(host)
    if (mix === undefined) return
    if (mix.stamina < STAMINA_MAX) mix.stamina++
    if (mix.seen < SEEN_MAX) mix.seen++
    const at = mix.used < MIX_SAMPLES_MAX ? mix.used : this.#below(mix.seen)
    if (at >= MIX_SAMPLES_MAX) return
    if (at === mix.used) {
      if (at === mix.own.length) grow(mix)
      mix.used++
    }
    mix.own[at] = own
    mix.peer[at] = peer
  }

  /** Ports and lengths the host has in calm; `undefined` while too few samples are known. */
  familiar(host: number): ReadonlySet<number> | undefined {
    const mix = this.#mixes.get(host)
    if (mix === undefined || mix.used < MIX_SAMPLES_MIN) return undefined
    const keys = new Set<number>()
    for (let at = 0; at < mix.used; at++) keys.add(mix.own[at]!).add(mix.peer[at]!)
    return keys
  }

  samplesOf(host: number): number {
    return this.#mixes.get(host)?.used ?? 0
  }

  get count(): number {
    return this.#mixes.size
  }

  #enter(host: number): Mix | undefined {
    const mix = this.#places.length < TARGETS_MAX ? this.#makePlace(host) : this.#takePlace(host)
    if (mix !== undefined) this.#mixes.set(host, mix)
    return mix
  }

  #makePlace(key: number): Mix {
    const own = new Uint32Array(FIRST_SAMPLES)
    const fresh = { key, own, peer: new Uint32Array(FIRST_SAMPLES), used: 0, seen: 0, stamina: 0 }
    this.#places.push(fresh)
    return fresh
  }

  /** With its memory: under a scan this happens for nearly every sample. */
  #takePlace(key: number): Mix | undefined {
    this.#hand = (this.#hand + 1) % TARGETS_MAX
    const held = this.#places[this.#hand]!
    if (held.stamina > 0) {
      held.stamina--
      return undefined
    }
    this.#mixes.delete(held.key)
    held.key = key
    held.used = held.seen = 0
    return held
  }

  /** A whole number below `count`, from a xorshift generator: the same seed draws the same samples. */
  #below(count: number): number {
    let word = this.#random
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    this.#random = word
    return (word >>> 0) % count
  }
}

function grow(mix: Mix): void {
  const size = Math.min(MIX_SAMPLES_MAX, mix.own.length * 2)
  const grown = (words: Uint32Array) => {
    const larger = new Uint32Array(size)
    larger.set(words)
    return larger
  }
  mix.own = grown(mix.own)
  mix.peer = grown(mix.peer)
}

/** Lengths within about a quarter of each other are one class. */
const lengthClass = (bytes: number): number => Math.floor(Math.log2(Math.max(1, bytes)) * 3)

/** The two forms of a packet with these ports, one the host's own. */
export function mixKeysOf(
  isIncoming: boolean,
  protocol: number,
  ownPort: number,
  peerPort: number,
  bytes: number,
): MixKeys {
  const base = ((isIncoming ? 1 : 0) << 31) | (protocol << 22) | (lengthClass(bytes) << 16)
  return { own: (base ^ ownPort) >>> 0, peer: (base ^ peerPort ^ PEER) >>> 0 }
}

/** Tells a peer's port from one of the host. */
const PEER = 1 << 30
