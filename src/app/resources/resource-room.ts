// What resources of the API need to live in the daemon: who reaches what, the safelist, and the live feed.

import type { OpenAttack } from '#4-detection/attack.ts'
import { type Bounds, USUAL_BOUNDS } from '#6-policy/bounds.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { MitigationKeeper } from '#7-mitigation/mitigation-store.ts'
import type { PreviewTraffic } from '#api/contract/rule-preview.ts'
import { LiveClients } from '#api/live/live-clients.ts'
import { LiveFeed } from '#api/live/live-feed.ts'
import { METRICS as LIVE_METRICS } from '#api/live/metrics.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { actorOf } from '../actor.ts'
import type { AttackBook } from '../attack-book.ts'
import { type AttackWitness, butRules } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { CourseBook } from '../course/course-book.ts'
import { LimitsInForce } from '../course/limits-in-force.ts'
import type { EngineFacts } from '../engine-worker/engine-facts.ts'
import type { Rates, RatesKnown } from '../engine-worker/rates.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { PreviewAsk } from '../preview-rule.ts'
import { RoomDesk } from '../protection/protection-desk.ts'
import type { ProtectionRoom } from '../protection/protection-room.ts'
import { CustomerQuotas } from '../rules/customer-quotas.ts'
import { RULE_METRICS } from '../rules/metrics.ts'
import { RuleRoom } from '../rules/rule-room.ts'
import { History, type HistoryOptions } from '../state/history.ts'
import type { StateRoom } from '../state/state-room.ts'
import { HistoryRoom } from '../traffic-history/history-room.ts'
import { METRICS as HISTORY_METRICS } from '../traffic-history/metrics.ts'
import { keepersOf, LiveTeller } from './live-teller.ts'
import { ProtectionTeller } from './protection-teller.ts'
import { Reach } from './reach.ts'
import { SafelistRoom } from './safelist-room.ts'

/** Parts of the daemon; those that are made later are asked for when they are needed. */
export interface ResourceRoomOptions {
  readonly state: StateRoom
  readonly book: AttackBook
  readonly store: () => MitigationLedger
  readonly intake: () => Pick<IntakeRoom, 'release' | 'events' | 'open'>
  /** As they are in force. */
  readonly config: () => ResolvedConfig
  /** With the accepted limits in it. */
  readonly effective: () => ResolvedConfig
  readonly inventory: () => Inventory | undefined
  readonly facts: () => EngineFacts
  readonly rates: (known: RatesKnown) => Promise<Rates>
  /** What a rule would have matched; rejects when the engine does not answer. */
  readonly preview: (ask: PreviewAsk) => Promise<PreviewTraffic>
  /** Has policy go on by the safelist as it is now. */
  readonly applySafelist: () => void
  readonly protection: () => ProtectionRoom
  /** Of what policy goes by now. */
  readonly bounds: () => Bounds | undefined
  readonly now: () => number
}

export class ResourceRoom {
  readonly reach: Reach
  readonly safelist: SafelistRoom
  /** What happens, for whoever subscribes within the process. */
  readonly feed = new LiveFeed()
  readonly teller: LiveTeller
  readonly clients: LiveClients
  readonly history: HistoryRoom
  /** How attacks go. */
  readonly courses: CourseBook
  /** Rules by people. */
  readonly rules: RuleRoom
  readonly preview: ResourceRoomOptions['preview']
  readonly #protection: ProtectionTeller
  readonly #past: Pick<HistoryOptions, 'book' | 'keep'>
  readonly #intake: ResourceRoomOptions['intake']

  constructor(options: ResourceRoomOptions) {
    const { state, book, store, intake, config, inventory, facts, applySafelist, now } = options
    const { feed } = this
    this.#intake = intake
    this.#past = { book, keep: make => state.keepPastAttack(make) }
    this.preview = options.preview
    this.reach = new Reach(inventory)
    this.safelist = new SafelistRoom({
      ...{ documents: state.documents, reach: this.reach, apply: applySafelist, now },
      configured: () => config().policy.safelist,
      store: {
        active: () => store().active(),
        record: entry => store().record(entry),
      },
      release: (attackId, by) => intake().release(attackId, actorOf(by)),
    })
    const quotas = new CustomerQuotas(() => config().inventory)
    this.rules = new RuleRoom({
      ...{ documents: state.documents, book, store, now },
      bounds: () => options.bounds() ?? USUAL_BOUNDS,
      events: () => intake().events,
      release: (attackId, who) => intake().release(attackId, who),
      customerOf: target => this.reach.customerOf(target),
      changed: rule => this.teller.rule(rule),
      isHeard: () => feed.isHeard,
      networks: () => config().networks,
      quotaOf: customer => quotas.of(customer),
      onDisk: () => state.onDisk(),
    })
    this.history = new HistoryRoom({
      rates: options.rates,
      keep: day => state.keepTraffic(day),
      keepTens: tens => state.keepTrafficTens(tens),
      attacks: (at, rates) => this.courses.take(at, rates),
    })
    const limits = new LimitsInForce(options.effective, now)
    this.courses = new CourseBook({ book, now, limitsOf: attack => limits.of(attack) })
    this.teller = new LiveTeller({ feed, book, store, facts })
    this.#protection = new ProtectionTeller({
      profiles: () => new RoomDesk(options.protection(), now).profiles(),
      tell: profile => this.teller.profile(profile),
      isHeard: () => feed.isHeard,
    })
    this.clients = new LiveClients({
      feed,
      sees: (identity, targets) => this.reach.seesAll({ uid: undefined, pid: undefined, identity }, targets),
    })
  }

  /** From now on reports, orders and rules are taken. Gives those of the attacks that were left that the engine has to know of. */
  open(left: readonly OpenAttack[]): OpenAttack[] {
    const ofEngine = this.#intake().open(left)
    this.rules.open()
    return ofEngine
  }

  /** Who hears of mitigations and the audit; `first` does so first. */
  keeper(first: MitigationKeeper): MitigationKeeper {
    return keepersOf(first, this.teller, this.courses)
  }

  /** Who hears of attacks; `others` are told nothing of what only carries out a rule by a person. */
  witnesses(...others: readonly AttackWitness[]): AttackWitness[] {
    const { courses, teller } = this
    return [courses, teller, ...others.map(butRules), new History({ ...this.#past, courses })]
  }

  /** Call once a second. */
  second(): void {
    this.safelist.tick()
    this.rules.tick()
    this.#protection.second()
    this.teller.second()
    this.history.second()
  }

  /** The daemon stops: nothing is taken any more, and what waits to be kept is put before the state is closed. */
  stopping(): void {
    // What was ended until now is told from what the stop takes back.
    this.rules.tick()
    this.#intake().events.stopping()
    this.history.stopping()
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(LIVE_METRICS, this.clients.metrics)
    const { rules } = this
    const states = () => rules.live.map(record => rules.stateOf(record))
    registry.add(RULE_METRICS, rules.counts.metrics(states))
    registry.add(HISTORY_METRICS, this.history.metrics)
  }
}
