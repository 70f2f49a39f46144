// The daemon as the API sees it: facts for whoever asks, and bans by hand with the caller in the audit.

import type { Attack as DetectedAttack } from '#4-detection/attack.ts'
import { isReported } from '#4-detection/reported-attack.ts'
import { reportOf, whyOpened } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import type { DecisionContext } from '#6-policy/decide.ts'
import { inspect, type Rails } from '#6-policy/guardrail.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Arming, ArmingQuery, ArmRequest } from '#api/contract/arming.ts'
import type { AttackReport, Attacks, AttacksQuery } from '#api/contract/attack.ts'
import type { Audit, AuditQuery, AuditVerdict } from '#api/contract/audit.ts'
import type { Ban, BanRequest, Bans, BansQuery } from '#api/contract/ban.ts'
import type { Explanation, HostFacts } from '#api/contract/explain.ts'
import type {
  ExporterInterfaces,
  ExporterInterfacesQuery,
  Exporters,
  ExportersQuery,
} from '#api/contract/exporters.ts'
import type { Health } from '#api/contract/health.ts'
import type { LimitDecision, LimitDecisionRequest, Limits, LimitsQuery } from '#api/contract/limits.ts'
import type { Reload } from '#api/contract/reload.ts'
import type { SimulateRequest, Simulation } from '#api/contract/simulate.ts'
import type { Status } from '#api/contract/status.ts'
import type { Traffic, TrafficQuery } from '#api/contract/traffic.ts'
import type { Sort } from '#api/contract/values.ts'
import type {
  ArmRefusal,
  BanRefusal,
  Caller,
  Control,
  Done,
  LimitRefusal,
  ReloadRefusal,
  SimulateRefusal,
  StateRefusal,
  UnbanRefusal,
} from '#api/control.ts'
import { presentAttack, presentBan } from '#api/present-attack.ts'
import { assert } from '#lib/assert.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import type { Problem } from '#lib/schema/problem.ts'
import type { ScreenConfig } from '#tui/config.ts'
import { actorOf } from './actor.ts'
import type { ArmingDesk } from './arming/arming-desk.ts'
import type { AttackBook, AttackEntry } from './attack-book.ts'
import { REFUSAL_OF } from './ban-refusal.ts'
import { formatPlace, formatProblem } from './config/format-problem.ts'
import { whyNot } from './explain-host.ts'
import type { IntakeRoom } from './intake/intake-room.ts'
import type { LimitsDesk } from './learning/limits-desk.ts'
import type { Reloader } from './reload/reloader.ts'
import { simulate } from './simulation/simulation.ts'
import { auditVerdict, fitsFilter, presentEntry } from './state/audit-view.ts'
import type { StateRoom } from './state/state-room.ts'
import type { StatusView } from './status-view.ts'
import { exportersView } from './telemetry/exporters-view.ts'
import type { TelemetryRoom } from './telemetry/telemetry-room.ts'
import type { Sides } from './traffic-view.ts'

/** What the control room needs of the daemon. */
export interface Daemon {
  readonly book: AttackBook
  readonly store: MitigationStore
  readonly status: StatusView
  /** Has the facts behind `status` gathered anew. */
  refresh(): Promise<void>
  traffic(sort: Sort, limit: number): Promise<Sides>
  explain(host: string): Promise<HostFacts>
  /** Who sends flow telemetry; missing: nobody can. */
  readonly telemetry?: Pick<TelemetryRoom, 'exporters' | 'interfaces'>
  /** Missing: nothing is kept on disk. */
  readonly state?: Pick<StateRoom, 'listAudit' | 'verifyAudit' | 'problem'>
  /** Missing: no reports are taken. */
  readonly intake?: Pick<IntakeRoom, 'events'>
  /** Missing: it cannot be switched. */
  readonly arming?: ArmingDesk
  /** Path of a new archive. */
  backUp?(): Promise<string>
  rails(): Rails
  /** What policy decides by; missing: nothing is decided here. */
  decisionContext?(): DecisionContext
  isBanned(host: string): boolean
  /** `begins` is called when it is certain, before anybody else is told. False: the host has an open attack already. */
  ban(host: string, seconds: number | undefined, who: Actor, begins: () => void): Promise<boolean>
  /** `host` as an open attack tells it. False: there is none any more. */
  unban(host: string, who: Actor, begins: () => void): Promise<boolean>
  readonly banSeconds: number
  readonly screen: ScreenConfig
  now(): number
}

const NO_STATE = {
  kind: 'refused',
  code: 'state-unavailable',
  detail: 'nothing is kept on disk',
} as const satisfies Done<never, StateRefusal>

const unavailable = (error: unknown) => ({
  ...NO_STATE,
  detail: error instanceof Error ? error.message : String(error),
})

const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text)

/** The newest bans on the screen. */
const SCREEN_BANS_MAX = 1000

export class ControlRoom implements Control {
  readonly #daemon: Daemon
  readonly #reloader: Pick<Reloader, 'reload'> | undefined
  readonly #limits: LimitsDesk | undefined
  /** Orders by hand are carried out one after another: each is judged by what the one before has done. */
  #orders: Promise<unknown> = Promise.resolve()

  /** Without `reloader` the configuration stays as it is; without `limits` nothing is learned. */
  constructor(daemon: Daemon, reloader?: Pick<Reloader, 'reload'>, limits?: LimitsDesk) {
    this.#daemon = daemon
    this.#limits = limits
    this.#reloader = reloader
  }

  async status(): Promise<Status> {
    await this.#daemon.refresh()
    return this.#daemon.status.read(this.#daemon.book.openCount)
  }

  health(): Health {
    return this.#daemon.status.health()
  }

  async traffic(query: TrafficQuery): Promise<Traffic> {
    const { status, book, screen } = this.#daemon
    const { sort = screen.sort, limit = screen.rows } = query
    const [sides] = await Promise.all([this.#daemon.traffic(sort, limit), this.#daemon.refresh()])
    const open = book.bans
    return {
      ...status.screenFacts(),
      sort,
      limit,
      redrawSeconds: screen.redrawSeconds,
      ...sides,
      bansTotal: open.length,
      bans: open.slice(0, SCREEN_BANS_MAX).map(({ attack, decision }) => {
        const { host, scope, prefixes, direction, peak, openedAt } = presentBan(attack, decision)
        return { host, scope, prefixes, direction, peak, openedAt }
      }),
    }
  }

  attacks({ state, limit }: AttacksQuery): Attacks {
    const entries = this.#daemon.book.list(state)
    return { attacks: entries.slice(0, limit).map(entry => this.#present(entry)), total: entries.length }
  }

  attack(id: string): AttackReport | undefined {
    const entry = this.#daemon.book.get(id)
    return entry && reportJson(reportOf(entry), { headers: true })
  }

  async explain(subject: string): Promise<Explanation | undefined> {
    const { book } = this.#daemon
    const address = parseAddress(subject)
    const host = address && formatAddress(address)
    const entry = host === undefined ? book.get(subject) : book.bans.find(one => one.attack.host === host)
    const asked = host ?? (entry?.attack.scope === 'host' ? entry.attack.host : undefined)
    if (asked === undefined && entry === undefined) return undefined
    const now = asked === undefined ? undefined : await this.#daemon.explain(asked)
    const attack = entry && this.#present(entry)
    const verdict = entry === undefined ? (now === undefined ? '' : whyNot(now)) : verdictOf(entry.attack)
    return {
      subject,
      verdict,
      ...(attack === undefined ? {} : { attack }),
      ...(now === undefined ? {} : { now }),
    }
  }

  bans({ limit }: BansQuery): Bans {
    const open = this.#daemon.book.bans
    return {
      bans: open.slice(0, limit).map(({ attack, decision }) => presentBan(attack, decision)),
      total: open.length,
    }
  }

  ban(request: BanRequest, by: Caller): Promise<Done<Ban, BanRefusal>> {
    return this.#inTurn(() => this.#ban(request, actorOf(by)))
  }

  async #ban({ host, seconds, reason }: BanRequest, who: Actor): Promise<Done<Ban, BanRefusal>> {
    const already = () => this.#refuse(who, host, 'already-banned', `${host} is banned already`)
    if (this.#daemon.isBanned(host)) return already()
    const refusal = inspect(host, this.#daemon.rails()).find(verdict => !verdict.allowed)
    if (refusal !== undefined) return this.#refuse(who, host, REFUSAL_OF[refusal.rail], refusal.reason)
    const why = `ban by hand${reason === undefined ? '' : `: ${reason}`}`
    const begins = () => this.#record(who, host, 'done', why)
    const isNew = await this.#daemon.ban(host, seconds ?? this.#daemon.banSeconds, who, begins)
    return isNew ? { kind: 'done', value: this.#banOf(host) } : already()
  }

  unban(target: string, by: Caller, reason?: string): Promise<Done<Ban, UnbanRefusal>> {
    return this.#inTurn(() => this.#unban(target, actorOf(by), reason))
  }

  async #unban(target: string, who: Actor, reason: string | undefined): Promise<Done<Ban, UnbanRefusal>> {
    const none = () => this.#refuse(who, target, 'not-banned', `${target} is under no ban`)
    const [entry, ...others] = this.#meant(target)
    if (entry === undefined) return none()
    if (others.length > 0) {
      const ids = [entry, ...others].map(({ attack }) => attack.id).join(', ')
      return this.#refuse(who, target, 'ambiguous', `${target} is in several attacks; name one of ${ids}`)
    }
    const { host } = entry.attack
    const ban = presentBan(entry.attack, entry.decision)
    const begins = () => this.#record(who, host, 'done', unbanText(reason))
    const isEnded = isReported(entry.attack)
      ? this.#endReported(entry.attack.id, who, reason, begins)
      : await this.#daemon.unban(host, who, begins)
    return isEnded ? { kind: 'done', value: ban } : none()
  }

  #endReported(attackId: string, who: Actor, reason: string | undefined, begins: () => void): boolean {
    begins()
    return this.#daemon.intake?.events.end(attackId, who, 'operator', reason) ?? false
  }

  /** Open attacks by identifier, by what is attacked, or by one of their prefixes. */
  #meant(target: string): AttackEntry[] {
    const { book } = this.#daemon
    const byId = book.get(target)
    if (byId !== undefined) return byId.attack.state === 'open' ? [byId] : []
    const open = book.bans
    const byName = open.filter(({ attack }) => attack.host === target)
    return byName.length > 0 ? byName : open.filter(({ attack }) => attack.prefixes.includes(target))
  }

  async reload(by: Caller): Promise<Done<Reload, ReloadRefusal>> {
    const reloaded = await this.#reloader?.reload(actorOf(by))
    if (reloaded === undefined)
      return { kind: 'refused', code: 'not-ready', detail: 'nothing can be reloaded now' }
    const { problems, at } = reloaded
    if (reloaded.kind === 'refused') return refusedFile(problems)
    const { changed, overruled, needsRestart, endedBans } = reloaded
    const said = problems.map(formatProblem)
    const value: Reload = {
      at: new Date(at).toISOString(),
      endedBans,
      changed: [...changed],
      overruled: [...overruled],
      needsRestart: [...needsRestart],
      problems: said,
    }
    return { kind: 'done', value }
  }

  simulate(request: SimulateRequest): Done<Simulation, SimulateRefusal> {
    const { book } = this.#daemon
    const context = this.#daemon.decisionContext?.()
    if (context === undefined) return { kind: 'refused', code: 'not-ready', detail: 'nothing decides here' }
    const attackOf = (id: string) => book.get(id)?.attack
    const proposed = book.get(request.attackId ?? '')?.proposed
    const distilling = proposed === undefined ? {} : { distilling: { kind: 'known', proposed } as const }
    const done = simulate(request, { ...context, ...distilling }, { attackOf, now: this.#daemon.now() })
    return done.kind === 'done' ? done : { ...done, code: 'cannot-simulate' }
  }

  arming(query: ArmingQuery): Done<Arming, ArmRefusal> {
    const { arming } = this.#daemon
    return arming === undefined ? NOT_SWITCHED : { kind: 'done', value: arming.view(query) }
  }

  arm(request: ArmRequest, by: Caller): Promise<Done<Arming, ArmRefusal>> {
    return this.#inTurn(async () => this.#daemon.arming?.order(request, actorOf(by)) ?? NOT_SWITCHED)
  }

  async limits(query: LimitsQuery): Promise<Done<Limits, LimitRefusal>> {
    const value = await this.#limits?.list(query)
    return value === undefined ? NOTHING_LEARNED : { kind: 'done', value }
  }

  async decideLimits(request: LimitDecisionRequest, by: Caller): Promise<Done<LimitDecision, LimitRefusal>> {
    const limits = this.#limits
    if (limits === undefined) return NOTHING_LEARNED
    return this.#inTurn(() => limits.decide(request, actorOf(by)))
  }

  #inTurn<T>(order: () => Promise<T>): Promise<T> {
    const done = this.#orders.then(order)
    this.#orders = done.catch(() => {})
    return done
  }

  async exporters({ limit }: ExportersQuery): Promise<Exporters> {
    return (await this.#daemon.telemetry?.exporters(limit)) ?? exportersView([], limit, false)
  }

  async interfaces({ address, limit }: ExporterInterfacesQuery): Promise<ExporterInterfaces | undefined> {
    return await this.#daemon.telemetry?.interfaces(address, limit)
  }

  /** From the state as far as it can be asked, else what memory has. */
  async audit(query: AuditQuery): Promise<Audit> {
    const { state, store } = this.#daemon
    const { since, until, ...rest } = query
    const numbers = { ...rest, since: timeOf(since), until: timeOf(until) }
    const stored =
      state?.problem === undefined ? await state?.listAudit(numbers).catch(() => undefined) : undefined
    if (stored !== undefined)
      return { entries: stored.map(({ entry, ...place }) => presentEntry(entry, place)) }
    const fitting = store.audit().filter(entry => fitsFilter(entry, numbers))
    return {
      entries: fitting
        .slice(-query.limit)
        .reverse()
        .map(entry => presentEntry(entry)),
    }
  }

  async verifyAudit(): Promise<Done<AuditVerdict, StateRefusal>> {
    const { state } = this.#daemon
    if (state === undefined) return NO_STATE
    try {
      return { kind: 'done', value: auditVerdict(await state.verifyAudit()) }
    } catch (error) {
      return unavailable(error)
    }
  }

  async backUp(by: Caller): Promise<Done<{ readonly file: string }, StateRefusal>> {
    const { store } = this.#daemon
    const record = (outcome: 'done' | 'failed', reason: string) =>
      store.record({
        ...{ at: this.#daemon.now(), who: actorOf(by), what: 'backup', target: 'state', attackId: '' },
        ...{ mitigationId: undefined, outcome, reason },
      })
    try {
      const file = await this.#daemon.backUp?.()
      if (file === undefined) return NO_STATE
      record('done', 'state and configuration were handed out')
      return { kind: 'done', value: { file } }
    } catch (error) {
      const refused = unavailable(error)
      record('failed', refused.detail)
      return refused
    }
  }

  #present({ attack, decision, proposed }: AttackEntry): Attacks['attacks'][number] {
    return presentAttack(attack, decision, this.#daemon.store.ofAttack(attack.id), proposed)
  }

  #banOf(host: string): Ban {
    const entry = this.#daemon.book.get(this.#daemon.book.openOn(host) ?? '')
    assert(entry !== undefined, 'a banned host has an open attack')
    return presentBan(entry.attack, entry.decision)
  }

  #refuse<Code extends string>(who: Actor, target: string, code: Code, detail: string) {
    this.#record(who, target, 'refused', detail)
    return { kind: 'refused' as const, code, detail }
  }

  #record(who: Actor, target: string, outcome: 'done' | 'refused', reason: string): void {
    const { store } = this.#daemon
    const at = this.#daemon.now()
    store.record({ at, who, what: 'decide', target, attackId: '', mitigationId: undefined, outcome, reason })
  }
}

const NOT_SWITCHED = { kind: 'refused', code: 'not-ready', detail: 'it cannot be switched here' } as const

const NOTHING_LEARNED = { kind: 'refused', code: 'not-ready', detail: 'nothing is learned here' } as const

/** The same that `check` says of the file. */
function refusedFile(
  problems: readonly Problem[],
): Extract<Done<Reload, ReloadRefusal>, { kind: 'refused' }> {
  const count = problems.filter(({ severity }) => severity === 'error').length
  const errors = problems.map(problem => {
    const place = formatPlace(problem)
    return { at: place, problem: formatProblem(problem).slice(place.length + 2) }
  })
  const detail = `${count} error${count === 1 ? '' : 's'} in the file`
  return { kind: 'refused', code: 'config-refused', detail, errors }
}

const unbanText = (reason: string | undefined): string =>
  reason === undefined ? 'unban by hand' : `unban by hand: ${reason}`

const verdictOf = (attack: DetectedAttack): string =>
  `${attack.host} ${attack.state === 'open' ? 'is' : 'was'} under attack: ${whyOpened(attack)}`
