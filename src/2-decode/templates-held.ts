// Sets of data that came before their template: kept for a while, within a bound, and given back when the template comes.

/** Sets that wait at most; small ones would otherwise cost far more than their bytes. */
const SETS_MAX = 1024

export interface HeldSet {
  readonly domain: object
  readonly template: number
  readonly receivedMs: number
  readonly exportMs: number
  readonly uptimeMs: number
  readonly view: DataView
}

export class HeldSets {
  private sets: HeldSet[] = []
  private bytes = 0
  private readonly bytesMax: number
  private readonly waitMs: number

  constructor(bytesMax: number, waitMs: number) {
    this.bytesMax = bytesMax
    this.waitMs = waitMs
  }

  get count(): number {
    return this.sets.length
  }

  /** Whether so many bytes find room. When they do not, what comes last is lost: a flood cannot make us copy for ever. */
  hasRoom(bytes: number): boolean {
    return this.sets.length < SETS_MAX && this.bytes + bytes <= this.bytesMax
  }

  /** Keeps the set; its view must be over memory of its own, and there must be room. */
  hold(set: HeldSet): void {
    this.sets.push(set)
    this.bytes += set.view.byteLength
  }

  /** Sets that wait for this template, oldest first; they wait no longer. */
  release(domain: object, template: number): readonly HeldSet[] {
    return this.takeOut(set => set.domain === domain && set.template === template)
  }

  /** Drops what waited too long; returns how many sets. */
  expire(nowMs: number): number {
    const [oldest] = this.sets
    if (oldest === undefined || nowMs - oldest.receivedMs <= this.waitMs) return 0
    return this.takeOut(set => nowMs - set.receivedMs > this.waitMs).length
  }

  private takeOut(isOut: (set: HeldSet) => boolean): readonly HeldSet[] {
    const out = this.sets.filter(isOut)
    if (out.length === 0) return out
    this.sets = this.sets.filter(set => !isOut(set))
    this.bytes = this.sets.reduce((sum, { view }) => sum + view.byteLength, 0)
    return out
  }
}
