// Traffic as it was, for whoever asks: from memory as far as that goes back, what was before from the state.

import type {
  HostgroupsTraffic,
  NetworksTraffic,
  TrafficHistory,
  TrafficHistoryQuery,
} from '#api/contract/traffic-history.ts'
import type { HistoryDesk as Desk } from '#api/resources.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { COLUMNS } from '../engine-worker/columns.ts'
import type { StateRoom } from '../state/state-room.ts'
import type { HistoryRoom, Row } from './history-room.ts'
import { UNKNOWN, unpack } from './packed.ts'
import { SECONDS_KEPT, type Series, STEPS_A_DAY, stepOf, TENS_A_STEP, TENS_KEPT } from './series.ts'

export interface HistoryDeskOptions {
  readonly room: Pick<HistoryRoom, 'get' | 'now'>
  readonly state: Pick<StateRoom, 'look'>
  readonly now: () => number
  /** Another place that may know what we do not; `undefined`: there is none. */
  readonly elsewhere?: () => Elsewhere | undefined
}

/** Never rejects. By step COLUMNS numbers, NaN for what is not known there either. */
export interface Elsewhere {
  read(ask: {
    readonly series: string
    readonly stepSeconds: number
    readonly first: number
    readonly count: number
  }): Promise<ReadonlyMap<number, readonly number[]>>
}

/** What is younger is on its way there at best. */
const YOUNG_SECONDS = 600

const HOUR_SECONDS = 3600
/** Points that are chosen unless a step is asked for, and that are given at most: the newest ones. */
const POINTS_USUAL = 2000
const POINTS_MAX = 20_000
/** After a restart so much of what was before is missed before ten seconds are chosen instead of one. */
const MISSED_SECONDS = 60

type StepSeconds = 1 | 10 | 300
type Read = (step: number, column: number) => number

const NOTHING: Read = () => Number.NaN

export class HistoryDesk implements Desk {
  readonly #options: HistoryDeskOptions

  constructor(options: HistoryDeskOptions) {
    this.#options = options
  }

  async read(query: TrafficHistoryQuery) {
    const { room, now } = this.#options
    const name = canonicalName(query.series)
    const series = room.get(name)
    // Of a host that is not kept now something may be on disk.
    const kind = series?.kind ?? (name.startsWith('host:') ? 'host' : undefined)
    if (kind === undefined)
      return { kind: 'refused', code: 'unknown-series', detail: `${name} is not kept` } as const
    if (kind === 'coarse' && query.step !== undefined && query.step !== 300) {
      const detail = `${name} is kept by five minutes alone: ask for a step of 300`
      return { kind: 'refused', code: 'unknown-series', detail } as const
    }
    const seconds = Math.floor(now() / 1000)
    const asked = kind === 'coarse' ? { ...query, step: 300 as const } : query
    const span = spanOf(asked, seconds, series?.since ?? seconds)
    const beside = name === 'total' ? room.get('total-beside') : undefined
    try {
      const [read, readBeside] = await Promise.all([
        this.#reader(name, series, span),
        beside && this.#reader('total-beside', beside, span),
      ])
      return { kind: 'done', value: historyOf(name, span, read, readBeside) } as const
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      return { kind: 'refused', code: 'state-unavailable', detail } as const
    }
  }

  /** Each of our networks as it is now. */
  networks(): NetworksTraffic {
    const { at, rows } = this.#now('networks')
    return { at, networks: rows.map(row => ({ network: row.name, ...ratesOf(row) })) }
  }

  hostgroups(): HostgroupsTraffic {
    const { at, rows } = this.#now('hostgroups')
    return { at, hostgroups: rows.map(row => ({ hostgroup: row.name, ...ratesOf(row) })) }
  }

  #now(what: 'networks' | 'hostgroups') {
    const { room, now } = this.#options
    const { at, rows } = room.now(what) ?? { at: now(), rows: [] }
    return { at: new Date(at).toISOString(), rows }
  }

  /** What we know ourselves, and where there are gaps in what is older, what is known elsewhere. */
  async #reader(name: string, series: Series | undefined, span: Span): Promise<Read> {
    const own = await this.#ownReader(name, series, span)
    const elsewhere = this.#options.elsewhere?.()
    const { stepSeconds, first, count } = span
    const old = stepOf(this.#options.now() / 1000 - YOUNG_SECONDS, stepSeconds) - first
    if (elsewhere === undefined || !hasGap(own, first, Math.min(count, old))) return own
    const known = await elsewhere.read({ series: name, stepSeconds, first, count })
    return (step, column) => {
      const value = own(step, column)
      return Number.isNaN(value) ? (known.get(step)?.[column] ?? Number.NaN) : value
    }
  }

  async #ownReader(name: string, series: Series | undefined, span: Span): Promise<Read> {
    switch (span.stepSeconds) {
      case 1:
        return series === undefined ? NOTHING : (step, column) => series.read(1, step, column)
      case 10:
        return await this.#tens(name, series, span)
      case 300:
        return await this.#days(name, span)
    }
  }

  async #days(series: string, { first, count }: Span): Promise<Read> {
    const [from, to] = [dayOf(first), dayOf(first + count - 1)]
    const rows = await this.#options.state.look('traffic-days', { series, from, to })
    const days = new Map(rows.map(({ day, body }) => [day, numbersOf(body)]))
    return (step, column) => days.get(dayOf(step))?.((step % STEPS_A_DAY) * COLUMNS + column) ?? Number.NaN
  }

  /** What memory does not know was before a restart, or is that of a host: the disk has it. */
  async #tens(name: string, series: Series | undefined, { first, count }: Span): Promise<Read> {
    const [from, to] = [Math.floor(first / TENS_A_STEP), Math.floor((first + count - 1) / TENS_A_STEP)]
    const isInMemory = series?.kind === 'fine' && series.since > 0 && series.since <= first * 10
    const rows = isInMemory ? [] : await this.#options.state.look('traffic-tens', { series: name, from, to })
    const steps = new Map(rows.map(({ step, body }) => [step, packedOf(body)]))
    return (ten, column) => {
      const known = series?.read(10, ten, column) ?? Number.NaN
      if (!Number.isNaN(known)) return known
      const at = (ten % TENS_A_STEP) * COLUMNS + column
      return steps.get(Math.floor(ten / TENS_A_STEP))?.(at) ?? Number.NaN
    }
  }
}

function hasGap(read: Read, first: number, count: number): boolean {
  for (let point = 0; point < count; point++) if (Number.isNaN(read(first + point, 0))) return true
  return false
}

const dayOf = (step: number): number => Math.floor(step / STEPS_A_DAY)

/** The numbers of a day, whichever way they are kept. */
function numbersOf(body: Uint8Array): (at: number) => number {
  if (body.length === STEPS_A_DAY * COLUMNS * 2) return packedOf(body)
  const numbers = new Float32Array(Uint8Array.from(body).buffer, 0, body.length >> 2)
  return at => numbers[at] ?? Number.NaN
}

function packedOf(body: Uint8Array): (at: number) => number {
  const numbers = new Uint16Array(Uint8Array.from(body).buffer, 0, body.length >> 1)
  return at => unpack(numbers[at] ?? UNKNOWN)
}

/** `network:` with a prefix, or `host:` with an address, in any form. */
function canonicalName(name: string): string {
  const [kind, text] = name.split(/:(.*)/s)
  if (text === undefined) return name
  const prefix = kind === 'network' ? parsePrefix(text) : undefined
  if (prefix !== undefined) return `network:${formatPrefix(prefix)}`
  const address = kind === 'host' ? parseAddress(text) : undefined
  return address === undefined ? name : `host:${formatAddress(address)}`
}

interface Span {
  readonly stepSeconds: StepSeconds
  /** Steps since 1970. */
  readonly first: number
  readonly count: number
}

/** `known`: from this second on each second is known. */
function spanOf({ from, to, step }: TrafficHistoryQuery, now: number, known: number): Span {
  const until = to === undefined ? now : Math.min(now, Math.floor(Date.parse(to) / 1000))
  const since = from === undefined ? until - HOUR_SECONDS : Math.floor(Date.parse(from) / 1000)
  const seconds = Math.max(0, until - since)
  const stepSeconds = step ?? usualStep(seconds, now - since, since + MISSED_SECONDS >= known)
  const last = stepOf(until, stepSeconds)
  const count = Math.min(POINTS_MAX, Math.max(0, last - stepOf(since, stepSeconds)))
  return { stepSeconds, first: last - count, count }
}

/** The finest that is kept for so long and gives no more points than usual. */
function usualStep(seconds: number, age: number, isKnown: boolean): StepSeconds {
  if (isKnown && age <= SECONDS_KEPT && seconds <= POINTS_USUAL) return 1
  return age <= TENS_KEPT * 10 && seconds <= POINTS_USUAL * 10 ? 10 : 300
}

function historyOf(series: string, span: Span, read: Read, beside: Read | undefined): TrafficHistory {
  const { first, count, stepSeconds } = span
  const column = (from: Read, at: number) =>
    Array.from({ length: count }, (_, point) => known(from(first + point, at)))
  const rates = (from: Read, at: number) => ({
    ...{ packets: column(from, at), bits: column(from, at + 1), flows: column(from, at + 2) },
  })
  return {
    ...{ series, from: new Date(first * stepSeconds * 1000).toISOString(), stepSeconds, points: count },
    ...{ incoming: rates(read, 0), outgoing: rates(read, 3) },
    ...(beside === undefined ? {} : { internal: rates(beside, 0), other: rates(beside, 3) }),
  }
}

function ratesOf({ numbers, at }: Row) {
  const side = (first: number) => {
    const [packets = 0, bits = 0, flows = 0] = [0, 1, 2].map(
      column => known(numbers[first + column] ?? 0) ?? 0,
    )
    return { packets, bits, flows }
  }
  return { incoming: side(at), outgoing: side(at + 3) }
}

/** Rounded to a tenth: nobody reads more, and the answer is half as long. */
const known = (value: number): number | null =>
  Number.isFinite(value) ? Math.round(Math.max(0, value) * 10) / 10 : null
