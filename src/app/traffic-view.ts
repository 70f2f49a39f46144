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

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Totals and the first hosts of each direction in this order, of one IP version or of both. */
  read(sort: Sort, limit: number, family?: 4 | 6): Sides {
    const { now } = this.#engine
    const key = `${sort} ${limit} ${family}`
    if (this.#last?.key === key && now.seconds - this.#last.at < REUSE_SECONDS) return this.#last.sides
    const flows = this.#engine.flowsPerSecond(family)
    const total = (direction: TotalDirection) => this.#total(direction, family)
    const hosts = (side: Side) => this.#top(side, sort, limit, family)
    const sides: Sides = {
      incoming: { ...total('incoming'), flows: flows.incoming, hosts: hosts(0) },
      outgoing: { ...total('outgoing'), flows: flows.outgoing, hosts: hosts(1) },
      internal: total('internal'),
      other: total('other'),
    }
    this.#last = { key, at: now.seconds, sides }
    return sides
  }

  #top(side: Side, sort: Sort, limit: number, family: 4 | 6 | undefined): HostRow[] {
    const { pass, now } = this.#engine
    const nowMs = now.seconds * 1000
    const top = new TopList(limit)
    for (let host = 1; host < pass.hosts.bound; host++) {
      if (!pass.hosts.isAttached(host)) continue
      if (family !== undefined && pass.hosts.address(host).family !== family) continue
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

  #total(direction: TotalDirection, family: 4 | 6 | undefined): { packets: number; bits: number } {
    const { packets, bits } = this.#engine.totals.speed(direction, family)
    return { packets: Math.round(packets), bits: Math.round(bits) }
  }
}
