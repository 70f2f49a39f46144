// What the traffic screen shows, read from the engine when somebody looks; at most a few times a second.

import { TopList } from '#3-traffic/top-talkers.ts'
import type { TotalDirection } from '#3-traffic/totals.ts'
import type { HostRow, Traffic } from '#api/contract/traffic.ts'
import type { Sort } from '#api/contract/values.ts'
import { formatAddress } from '#lib/ip/address.ts'
import type { Engine } from './engine.ts'

/** Speeds of hosts below this are nothing to show. */
const SHOWN_PACKETS = 0.5
/** A walk over all hosts is used again for so long. */
const REUSE_SECONDS = 0.25

export type Sides = Pick<Traffic, 'incoming' | 'outgoing' | 'internal' | 'other'>

/** 0 incoming, 1 outgoing: the lower bit of a line. */
type Side = 0 | 1

interface View {
  readonly key: string
  readonly at: number
  readonly sides: Sides
}

export class TrafficView {
  readonly #engine: Engine
  #last: View | undefined
  #flowsAt = Number.NEGATIVE_INFINITY
  #flows = { incoming: 0, outgoing: 0 }

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Totals and the first hosts of each direction in this order. */
  read(sort: Sort, limit: number): Sides {
    const { now } = this.#engine
    const key = `${sort} ${limit}`
    if (this.#last?.key === key && now.seconds - this.#last.at < REUSE_SECONDS) return this.#last.sides
    const flows = this.totalFlows()
    const sides: Sides = {
      incoming: { ...this.#total('incoming'), flows: flows.incoming, hosts: this.#top(0, sort, limit) },
      outgoing: { ...this.#total('outgoing'), flows: flows.outgoing, hosts: this.#top(1, sort, limit) },
      internal: this.#total('internal'),
      other: this.#total('other'),
    }
    this.#last = { key, at: now.seconds, sides }
    return sides
  }

  /** Flows per second of all hosts in the window that ended last. */
  totalFlows(): { readonly incoming: number; readonly outgoing: number } {
    const { now, pass } = this.#engine
    if (now.seconds - this.#flowsAt < REUSE_SECONDS) return this.#flows
    let incoming = 0
    let outgoing = 0
    for (let host = 1; host < pass.hosts.bound; host++) {
      if (!pass.hosts.isAttached(host)) continue
      incoming += pass.flows(host * 2)
      outgoing += pass.flows(host * 2 + 1)
    }
    this.#flowsAt = now.seconds
    const { windowSeconds } = pass
    this.#flows = {
      incoming: Math.round(incoming / windowSeconds),
      outgoing: Math.round(outgoing / windowSeconds),
    }
    return this.#flows
  }

  #top(side: Side, sort: Sort, limit: number): HostRow[] {
    const { pass, now } = this.#engine
    const nowMs = now.seconds * 1000
    const top = new TopList(limit)
    for (let host = 1; host < pass.hosts.bound; host++) {
      if (!pass.hosts.isAttached(host)) continue
      const line = host * 2 + side
      const packets = pass.average(line, 'packets', nowMs)
      if (packets < SHOWN_PACKETS) continue
      if (sort === 'packets') top.offer(host, packets)
      else if (sort === 'bytes') top.offer(host, pass.average(line, 'bytes', nowMs))
      else top.offer(host, pass.flows(line))
    }
    return top.sorted().map(host => this.#row(host, side))
  }

  #row(host: number, side: Side): HostRow {
    const { pass, now, detector } = this.#engine
    const nowMs = now.seconds * 1000
    const line = host * 2 + side
    const text = formatAddress(pass.address(host))
    return {
      host: text,
      packets: Math.round(pass.average(line, 'packets', nowMs)),
      bits: Math.round(pass.average(line, 'bytes', nowMs) * 8),
      flows: Math.round(pass.flows(line) / pass.windowSeconds),
      banned: detector.isBanned(text),
    }
  }

  #total(direction: TotalDirection): { packets: number; bits: number } {
    const { packets, bits } = this.#engine.totals.speed(direction)
    return { packets: Math.round(packets), bits: Math.round(bits) }
  }
}
