// What another threshold would have done in the past hour, from the history of traffic: who would have been banned, and what
// nobody can know.

import { setImmediate as turn } from 'node:timers/promises'
import type { Attack } from '#4-detection/attack.ts'
import { compileLimits } from '#4-detection/limit.ts'
import { Membership } from '#4-detection/membership.ts'
import {
  type WhatIf as Judged,
  type Observed,
  observedOf,
  suggestedThreshold,
  type WouldBe,
  wouldBeBans,
} from '#4-detection/what-if.ts'
import { isDryRun, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { WhatIf, WhatIfQuery } from '#api/contract/what-if.ts'
import type { WhatIfDesk as Desk } from '#api/resources.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { AttackBook } from '../attack-book.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { LimitOfGroup } from '../learning/limit-source.ts'
import { cannotKnow } from './cannot-know.ts'
import type { HistoryRoom } from './history-room.ts'
import type { Series } from './series.ts'

export interface WhatIfDeskOptions {
  readonly room: Pick<HistoryRoom, 'get' | 'hosts'>
  readonly book: Pick<AttackBook, 'list'>
  /** What is done now about attacks. */
  readonly active: () => readonly Mitigation[]
  /** As it is in force, with the accepted limits in it. */
  readonly config: () => ResolvedConfig
  /** Says where a limit comes from. */
  readonly sourceOf: () => (limit: LimitOfGroup) => string
  readonly now: () => number
}

const HOUR_SECONDS = 3600
const BANS_TOLD_MAX = 200
/** Bans of one host that are counted at most. */
const BANS_EACH_MAX = 60
/** Hosts whose seconds are sorted to say what is usual: those with the highest peaks. */
const OBSERVED_MAX = 20
/** After so many series whoever else waits has a turn. */
const SERIES_A_TURN = 20

type Named = readonly [name: string, series: Series]

interface Asked extends WhatIfQuery {
  /** First second of the hour, and how many. */
  readonly first: number
  readonly count: number
  readonly column: number
}

export class WhatIfDesk implements Desk {
  readonly #options: WhatIfDeskOptions
  /** One is reckoned at a time: each walks through an hour of many hosts. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: WhatIfDeskOptions) {
    this.#options = options
  }

  ask(query: WhatIfQuery) {
    const done = this.#last.then(() => this.#answer(query))
    this.#last = done.catch(() => {})
    return done
  }

  async #answer(query: WhatIfQuery) {
    const { now, config } = this.#options
    const settings = config()
    const membership = new Membership(settings)
    const found = this.#seriesOf(query, membership)
    if (typeof found === 'string') return { kind: 'refused', code: 'unknown-series', detail: found } as const
    const last = Math.floor(now() / 1000)
    const asked: Asked = {
      ...{ ...query, first: last - HOUR_SECONDS, count: HOUR_SECONDS },
      column: columnOf(query),
    }
    const { bans, unknown } = await this.#judge(found, asked, judgeOf(settings, query))
    const observed = await this.#observe(found, asked)
    return {
      kind: 'done',
      value: this.#present(asked, found, { bans, unknown, observed }, membership),
    } as const
  }

  /** What is looked at; a text says why nothing is. */
  #seriesOf({ scope, subject }: WhatIfQuery, membership: Membership): readonly Named[] | string {
    const { room } = this.#options
    if (subject === 'total') {
      const series = scope.startsWith('host:') || scope === 'all' ? undefined : room.get(scope)
      if (series === undefined) return `there is no total of ${scope}: ask for a hostgroup or a network`
      return series.kind === 'fine' ? [[scope, series]] : `${scope} is kept by five minutes alone`
    }
    const fits = scopeTest(scope, membership)
    const hosts = room.hosts.all.filter(([name]) => {
      const address = parseAddress(nameOf(name))
      return address !== undefined && membership.limitsOf(address) !== undefined && fits(address)
    })
    if (scope.startsWith('host:') && hosts.length === 0)
      return `${nameOf(scope)} has no history: it is not among the hosts that are kept, or is never judged`
    return hosts
  }

  async #judge(found: readonly Named[], asked: Asked, judged: Judged) {
    const bans: WouldBe[] = []
    let unknown = asked.count
    for (const [at, [name, series]] of found.entries()) {
      if (at % SERIES_A_TURN === SERIES_A_TURN - 1) await turn()
      unknown = Math.min(unknown, unknownOf(series, asked))
      if (highestOf(series, asked) <= asked.threshold) continue
      bans.push(...wouldBeBans({ name, values: valuesOf(series, asked) }, judged, BANS_EACH_MAX))
    }
    return { bans: bans.sort((a, b) => a.step - b.step || (a.name < b.name ? -1 : 1)), unknown }
  }

  /** Of those with the highest peaks, the one of which most is usual, in seconds without an attack. */
  async #observe(found: readonly Named[], asked: Asked) {
    const loudest = found
      .map(([name, series]) => ({ name, series, highest: highestOf(series, asked) }))
      .sort((a, b) => b.highest - a.highest)
      .slice(0, OBSERVED_MAX)
    const attacks = this.#options.book.list('all').map(({ attack }) => attack)
    let usual: { readonly name: string; readonly observed: Observed } | undefined
    for (const { name, series } of loudest) {
      await turn()
      const values = valuesOf(series, asked)
      for (const attack of attacks) if (concerns(attack, nameOf(name))) blank(values, attack, asked)
      const observed = observedOf(values)
      if (observed !== undefined && observed.p95 > (usual?.observed.p95 ?? -1)) usual = { name, observed }
    }
    return usual
  }

  #present(
    asked: Asked,
    found: readonly Named[],
    { bans, unknown, observed }: Answered,
    membership: Membership,
  ): WhatIf {
    const { config, book, active, room } = this.#options
    const { scope, subject, direction, limit, threshold, first, count } = asked
    const attacks = book.list('all').map(({ attack }) => attack)
    const sure = bans.filter(({ isSure }) => isSure).length
    const held = this.#thresholdNow(asked, membership)
    const moment = (second: number) => new Date(second * 1000).toISOString()
    return {
      ...{ scope, subject, direction, limit, threshold, ...held },
      ...{ from: moment(first), to: moment(first + count), looked: found.length },
      bans: bans.slice(0, BANS_TOLD_MAX).map(({ name, step, steps, peak, isSure }) => {
        const really = attacks.find(attack => wasOpen(attack, nameOf(name), (first + step) * 1000))
        return {
          ...{ target: nameOf(name), at: moment(first + step), peak: Math.round(peak), isSure },
          ...(steps === undefined ? {} : { seconds: steps }),
          ...(really === undefined ? {} : { attackId: really.id }),
        }
      }),
      ...{ total: bans.length, sure, targets: new Set(bans.map(({ name }) => name)).size },
      ...(observed === undefined ? {} : observedFields(observed, config().detection.learn.headroom)),
      cannotKnow: cannotKnow({
        ...{ unsure: bans.length - sure, unknownSeconds: unknown, isTotal: subject === 'total' },
        left: subject === 'hosts' && !scope.startsWith('host:') ? room.hosts.left : 0,
        mitigated: active().filter(mitigation => !isDryRun(mitigation)).length,
        isSampled: config().capture.samplingRate > 1,
      }),
    }
  }

  /** The threshold that holds now for what was asked. */
  #thresholdNow({ scope, subject, direction, limit }: Asked, membership: Membership) {
    const { detection, hostgroups } = this.#options.config()
    const [kind, name = ''] = scope.split(/:(.*)/s)
    const address = kind === 'host' ? parseAddress(name) : undefined
    const group = address === undefined ? (kind === 'hostgroup' ? name : 'global') : undefined
    const hostgroup = group ?? (address && membership.hostgroupOf(address)) ?? 'global'
    const total = kind === 'hostgroup' ? hostgroups[name]?.total : detection.networkThresholds
    const set =
      subject === 'total'
        ? total && compileLimits(name, total)
        : membership.sets.find(each => each.hostgroup === hostgroup)
    const found = set?.limits.find(each => each.name === limit && each.direction === direction)
    if (found === undefined) return { now: null }
    const source = this.#options.sourceOf()({
      ...{ hostgroup, subject: subject === 'total' ? 'total' : 'host', direction, limit },
    })
    return { now: found.threshold, ...(subject === 'total' && kind === 'network' ? {} : { source }) }
  }
}

interface Answered {
  readonly bans: readonly WouldBe[]
  /** Seconds of the hour of which nothing is known anywhere. */
  readonly unknown: number
  readonly observed: { readonly name: string; readonly observed: Observed } | undefined
}

function observedFields({ name, observed }: NonNullable<Answered['observed']>, headroom: number) {
  const { steps, p50, p95, p99, highest } = observed
  const [a, b, c, d] = [p50, p95, p99, highest].map(Math.round) as [number, number, number, number]
  const suggested = suggestedThreshold(observed, headroom)
  return {
    observed: { target: nameOf(name), seconds: steps, p50: a, p95: b, p99: c, highest: d },
    ...(suggested > 0 ? { suggested } : {}),
  }
}

function judgeOf({ detection, traffic }: ResolvedConfig, { threshold, subject }: WhatIfQuery): Judged {
  const { mode, budgetSeconds, suspicion, banSeconds, holdSeconds } = detection
  const isWeighed = suspicion.enabled && subject === 'hosts'
  return {
    ...{ threshold, stepSeconds: 1, banSeconds, holdSeconds: mode === 'plain' ? 0 : holdSeconds },
    judge:
      mode === 'plain'
        ? { mode, averageSeconds: traffic.averageSeconds }
        : {
            mode,
            surelySeconds: isWeighed ? suspicion.patientSeconds : budgetSeconds,
            perhapsSeconds: isWeighed ? suspicion.urgentSeconds : budgetSeconds,
          },
  }
}

const COLUMN = { packets: 0, bits: 1, flows: 2 } as const

const columnOf = ({ direction, limit }: WhatIfQuery): number =>
  COLUMN[limit] + (direction === 'incoming' ? 0 : 3)

/** What stands behind `host:`, `network:` or `hostgroup:`. */
const nameOf = (series: string): string => series.slice(series.indexOf(':') + 1)

function scopeTest(scope: string, membership: Membership): (address: Address) => boolean {
  const [kind, name = ''] = scope.split(/:(.*)/s)
  switch (kind) {
    case 'host': {
      const asked = parseAddress(name)
      return address => asked?.family === address.family && asked.value === address.value
    }
    case 'hostgroup':
      return address => membership.hostgroupOf(address) === name
    case 'network': {
      const prefix = parsePrefix(name)
      return address => prefix !== undefined && contains(prefix, address)
    }
    default:
      return () => true
  }
}

/** The highest second of the hour that is known. */
function highestOf(series: Series, { first, count, column }: Asked): number {
  if (series.kind !== 'host') return Number.POSITIVE_INFINITY
  return series.highest(first, count, column) || 0
}

/** Seconds of the hour before the series began or after it ended. */
function unknownOf({ since, last }: Series, { first, count }: Asked): number {
  const known = Math.min(last + 1, first + count) - Math.max(since, first)
  return count - Math.min(count, Math.max(0, known))
}

function valuesOf(series: Series, { first, count, column }: Asked): Float64Array {
  const values = new Float64Array(count)
  for (let at = 0; at < count; at++) values[at] = series.read(1, first + at, column)
  return values
}

const concerns = ({ host, prefixes }: Attack, name: string): boolean =>
  host === name || prefixes.includes(name)

/** While it was attacked nothing is usual. */
function blank(values: Float64Array, attack: Attack, { first, count }: Asked): void {
  const from = Math.max(0, Math.floor(attack.openedAt / 1000) - first - LEAD_SECONDS)
  const to = attack.state === 'ended' ? Math.min(count, Math.ceil(attack.endedAt / 1000) - first) : count
  if (to > from) values.fill(Number.NaN, from, to)
}

/** So long before an attack opened its traffic may have been that of the attack. */
const LEAD_SECONDS = 5

const wasOpen = (attack: Attack, name: string, at: number): boolean =>
  concerns(attack, name) &&
  attack.openedAt <= at + LEAD_SECONDS * 1000 &&
  (attack.state === 'open' || attack.endedAt >= at)
