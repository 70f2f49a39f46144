// BGP sessions of a daemon: with whom, in what state, since when.

import type { Logger } from '#lib/log/logger.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'

/** States of RFC 4271, section 8.2.2; unknown while the daemon cannot be asked. */
export const SESSION_STATES = [
  'idle',
  'connect',
  'active',
  'opensent',
  'openconfirm',
  'established',
  'unknown',
] as const
export type SessionState = (typeof SESSION_STATES)[number]

export interface Session {
  readonly address: string
  readonly asn: number
  readonly state: SessionState
  /** Wall clock ms, as far as we saw it: since when it is established, or is not, or is unknown. */
  readonly sinceMs: number
  /** Such as `ipv4-unicast`; empty when the daemon has not told. */
  readonly afiSafis: readonly string[]
}

/** What is told about a session; no families: not told. */
export type SessionReport = Omit<Session, 'sinceMs'>

/** Neighbours that are followed; one more is counted and not shown. */
const SESSIONS_MAX = 256

type Standing = 'up' | 'down' | 'unknown'

export class Sessions {
  readonly #name: string
  readonly #log: Logger
  readonly #now: () => number
  readonly #byAddress = new Map<string, Session>()
  readonly #changes = new Map<string, number>()
  #leftOut = 0

  /** `name`: of the daemon, for the log. */
  constructor(name: string, log: Logger, now: () => number = Date.now) {
    this.#name = name
    this.#log = log
    this.#now = now
  }

  /** By address. */
  list(): readonly Session[] {
    return [...this.#byAddress.values()].sort((a, b) => (a.address < b.address ? -1 : 1))
  }

  /** True: a session has become established by it. */
  hear(report: SessionReport): boolean {
    const before = this.#byAddress.get(report.address)
    if (before === undefined && this.#byAddress.size >= SESSIONS_MAX) {
      this.#leftOut++
      return false
    }
    const standing = standingOf(report.state)
    const isSame = before !== undefined && standingOf(before.state) === standing
    const afiSafis = report.afiSafis.length > 0 ? report.afiSafis : (before?.afiSafis ?? [])
    const sinceMs = isSame ? before.sinceMs : this.#now()
    this.#byAddress.set(report.address, { ...report, afiSafis, sinceMs })
    if (isSame) return false
    if (before !== undefined && before.state !== 'unknown') this.#count(report.address)
    // A neighbour that is down when it is first heard of is news, too.
    this.#say(report, before?.state)
    return standing === 'up'
  }

  /** All there are now: those that are not among them are gone. */
  hearAll(reports: readonly SessionReport[]): boolean {
    let isUp = false
    for (const report of reports) isUp = this.hear(report) || isUp
    const there = new Set(reports.map(({ address }) => address))
    for (const address of this.#byAddress.keys()) {
      if (there.has(address)) continue
      this.#byAddress.delete(address)
      this.#changes.delete(address)
      this.#log.warn('BGP neighbour is gone', { of: this.#name, peer: address })
    }
    return isUp
  }

  /** The daemon cannot be asked any more. */
  lose(): void {
    const sinceMs = this.#now()
    for (const [address, session] of this.#byAddress) {
      if (session.state !== 'unknown') this.#byAddress.set(address, { ...session, state: 'unknown', sinceMs })
    }
  }

  *values(enforcer: string): Generator<MetricValue> {
    for (const { address: peer, state } of this.list()) {
      const labels = { enforcer, peer }
      yield { name: 'floodwarden_bgp_session_up', value: Number(state === 'established'), labels }
      const value = this.#changes.get(peer) ?? 0
      yield { name: 'floodwarden_bgp_session_changes_total', value, labels }
    }
    yield { name: 'floodwarden_bgp_sessions_left_out_total', value: this.#leftOut, labels: { enforcer } }
  }

  #count(address: string): void {
    this.#changes.set(address, (this.#changes.get(address) ?? 0) + 1)
  }

  #say({ address, asn, state }: SessionReport, before: SessionState | undefined): void {
    const facts = { of: this.#name, peer: address, asn, state, ...(before === undefined ? {} : { before }) }
    if (state === 'established') this.#log.info('BGP session is up', facts)
    else this.#log.warn('BGP session is down', facts)
  }
}

function standingOf(state: SessionState): Standing {
  if (state === 'established') return 'up'
  return state === 'unknown' ? 'unknown' : 'down'
}
