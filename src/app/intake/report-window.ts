// What foreign detectors said of each host within the window of correlation: the surest report of each, and when it was repeated.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { Report } from '#6-policy/correlate.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'

/** Hosts that are remembered; of more, one of those that were reported first is forgotten. */
const HOSTS_MAX = 100_000
/** Detectors that may speak of one host; a further one is heard and not remembered. */
const SOURCES_MAX = 32

export class ReportWindow {
  readonly #windowMs: () => number
  readonly #hostsMax: number
  /** By host, then by detector. When half of the room is taken, hosts in the order of their last report: before, nobody asks for it. */
  readonly #said = new SteadyMap<Map<string, Report>>()

  constructor(windowMs: () => number, hostsMax: number = HOSTS_MAX) {
    this.#windowMs = windowMs
    this.#hostsMax = hostsMax
  }

  add({ host, source, confidence = 0 }: ForeignEvent, atMs: number): void {
    const known = this.#said.get(host)
    const said = known ?? new Map<string, Report>()
    const before = said.get(source)
    let isHeld = known !== undefined
    if (before === undefined && said.size >= SOURCES_MAX) {
      if (this.about(host, atMs).length >= SOURCES_MAX) return
      isHeld = this.#said.has(host)
    }
    const isStillSaid = before !== undefined && atMs - before.atMs <= this.#windowMs()
    const surest = isStillSaid ? Math.max(before.confidence, confidence) : confidence
    said.set(source, { target: host, source, confidence: surest, atMs })
    if (isHeld && this.#said.size < this.#hostsMax / 2) return
    this.#said.delete(host)
    this.#said.set(host, said)
    if (this.#said.size <= this.#hostsMax) return
    const oldest = this.#said.oldestBeside(host)
    if (oldest !== undefined) this.#said.delete(oldest)
  }

  /** A detector takes back what it said of a host. */
  takeBack({ host, source }: ForeignEvent): void {
    const said = this.#said.get(host)
    said?.delete(source)
    if (said?.size === 0) this.#said.delete(host)
  }

  /** What is said of a host now; what was said too long ago is forgotten. */
  about(host: string, nowMs: number): readonly Report[] {
    const said = this.#said.get(host)
    if (said === undefined) return []
    for (const [source, { atMs }] of said) if (nowMs - atMs > this.#windowMs()) said.delete(source)
    if (said.size === 0) this.#said.delete(host)
    return [...said.values()]
  }
}
