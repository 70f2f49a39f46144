// A part of the daemon that is replaced as a whole when its settings change. The one before ends in its own time; what it
// counted goes on being counted.

import type { MetricSource, MetricValue } from '#lib/metrics/metric.ts'

export interface Replaceable {
  readonly metrics: MetricSource
  /** Ends for good, but takes no longer than so many milliseconds. */
  stop(deadlineMs: number): Promise<void>
}

export class Succession<Part extends Replaceable> {
  #current: Part | undefined
  /** Replaced, and not at its end yet. Each has its own deadline. */
  readonly #leaving = new Set<Part>()
  readonly #carried = new Map<string, MetricValue>()

  constructor(first: Part | undefined) {
    this.#current = first
  }

  /** `undefined`: it is switched off. */
  get current(): Part | undefined {
    return this.#current
  }

  /** `next` takes the place at once; `ended` settles when the one before has nothing left to do. */
  replace(next: Part | undefined, ended: Promise<unknown>): void {
    const before = this.#current
    this.#current = next
    if (before === undefined) return
    this.#leaving.add(before)
    const carry = () => {
      this.#leaving.delete(before)
      addCounters(this.#carried, before.metrics())
    }
    ended.then(carry, carry)
  }

  /** Ends the current one and those that are still leaving. */
  async stop(deadlineMs: number): Promise<void> {
    const parts = [...this.#leaving, ...(this.#current === undefined ? [] : [this.#current])]
    await Promise.all(parts.map(part => part.stop(deadlineMs)))
  }

  /** Counters of all there were; what is not counted but measured is told of the current one. */
  readonly metrics: MetricSource = () => {
    const sums = new Map(this.#carried)
    for (const part of this.#leaving) addCounters(sums, part.metrics())
    const now = [...(this.#current?.metrics() ?? [])]
    addCounters(sums, now)
    return [...sums.values(), ...now.filter(value => !isCounter(value))]
  }
}

const isCounter = ({ name }: MetricValue): boolean => name.endsWith('_total')

function addCounters(sums: Map<string, MetricValue>, values: Iterable<MetricValue>): void {
  for (const each of values) {
    if (!isCounter(each)) continue
    const key = `${each.name} ${JSON.stringify(each.labels ?? {})}`
    sums.set(key, { ...each, value: each.value + (sums.get(key)?.value ?? 0) })
  }
}
