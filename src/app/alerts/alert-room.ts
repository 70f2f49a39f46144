// What happens to attacks, told in prefixd's words to whoever asked for them.

import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import { actionsOf } from '#6-policy/wanted.ts'
import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import { isWanted } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { StoredAlerting } from '#compat/prefixd/api/alerting-body.ts'
import { actionOf } from '#compat/prefixd/api/metrics.ts'
import type { Documents } from '#lib/documents.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { allowanceOf, type Fetched, judgeUrl, type SafeRequest, safeFetch } from '#lib/safe-fetch.ts'
import { newUuid, uuidOfName } from '#lib/uuid.ts'
import type { QueueConfig } from '#notify/delivery/config.ts'
import { Dispatcher } from '#notify/delivery/dispatcher.ts'
import type { Alert, Severity } from '#notify/webhook/alert.ts'
import { AlertPace } from '#notify/webhook/alert-pace.ts'
import type { OutgoingConfig } from '#notify/webhook/config.ts'
import type { WebhooksConfig } from '#notify/webhook/destinations-config.ts'
import { METRICS } from '#notify/webhook/metrics.ts'
import type { AttackWitness } from '../attack-story.ts'
import { AlertSettings } from './alert-settings.ts'
import { type AlertDestination, destinationsOf } from './destinations.ts'
import { isStepUp, NOWHERE, type Place } from './step-up.ts'

export interface AlertRoomOptions {
  readonly state: { readonly documents: Documents }
  readonly desk: { readonly decisionContext: { readonly inventory?: Inventory } }
  readonly store: Pick<MitigationStore, 'ofAttack'>
  /** As it is in force. */
  readonly config: () => {
    readonly outgoing: OutgoingConfig
    readonly notify: { readonly webhooks: WebhooksConfig; readonly queue: QueueConfig }
  }
  /** Where secrets may be; that of the process unless a test has another. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** The wall clock unless a test has another. */
  readonly now?: () => number
  /** In which refusals are held to a pace; a minute unless a test is in a hurry. */
  readonly minuteMs?: number
}

export interface Delivery {
  readonly destination: string
  /** Missing: it was taken. */
  readonly error?: string
}

/** An answer of a chat names the message it made, with all of its blocks. */
const ANSWER_BYTES_MAX = 65_536
/** Attacks whose beginning was told; of more the oldest end untold. */
const TOLD_MAX = 20_000

const SEVERITY: Readonly<Record<AlertEvent, Severity>> = {
  ...{ 'mitigation.created': 'warning', 'mitigation.escalated': 'critical', 'guardrail.rejected': 'warning' },
  ...{ 'mitigation.withdrawn': 'info', 'mitigation.expired': 'info', 'config.reloaded': 'info' },
}

export class AlertRoom implements AttackWitness {
  readonly #options: AlertRoomOptions
  /** Who is told, by all destinations there are. */
  readonly dispatcher: Dispatcher
  #destinations: readonly AlertDestination[] = []
  /** Whoever may report can have much refused. */
  readonly #refusals: AlertPace
  /** Attacks whose beginning was told, and where each stands on its playbook. */
  readonly #told = new SteadyMap<Place>()
  readonly #settings: AlertSettings
  /** The settings that the sender goes by. */
  #used: StoredAlerting | undefined

  constructor(options: AlertRoomOptions) {
    this.#options = options
    this.#settings = new AlertSettings({
      ...{ documents: options.state.documents, configured: () => options.config().notify.webhooks },
      ...{ log: options.log, environment: options.environment ?? process.env },
    })
    this.dispatcher = new Dispatcher({
      ...{ documents: () => options.state.documents, config: () => options.config().notify.queue },
      ...{ log: options.log, now: () => this.#now, run: newUuid().slice(-12) },
    })
    this.#refusals = new AlertPace({
      ...{ tell: alert => this.refusedAloud(alert), now: () => this.#now },
      ...(options.minuteMs === undefined ? {} : { minuteMs: options.minuteMs }),
    })
  }

  /** A request to an address that somebody configured. */
  readonly fetch = (request: SafeRequest): Promise<Fetched> => {
    const { allow, plainHttp, timeoutSeconds } = this.#options.config().outgoing
    const allowance = allowanceOf(allow, plainHttp)
    return safeFetch(request, {
      ...{ allowance, timeoutMs: timeoutSeconds * 1000, answerBytesMax: ANSWER_BYTES_MAX },
    })
  }

  /** Takes up what an earlier run told of attacks that are still open: their ends and next steps are told too. */
  adopt(attacks: Iterable<Attack>): void {
    for (const { id } of attacks) {
      const held = this.#options.store.ofAttack(id).filter(isWanted)
      if (held.length === 0 || this.#told.has(id)) continue
      const top = held.reduce((most, one) => (one.step > most.step ? one : most))
      this.#remember(id, { ...NOWHERE, playbook: top.playbook, step: top.step })
    }
  }

  get settings(): StoredAlerting {
    return this.#settings.current
  }

  /** In force at once; true when it is on disk. */
  change(settings: StoredAlerting): Promise<boolean> {
    return this.#settings.change(settings)
  }

  /** From now on as the configuration says; true when that is on disk. */
  forget(): Promise<boolean> {
    return this.#settings.forget()
  }

  /** Whether it was set over the API, so that what the configuration says of it waits. */
  get isSet(): boolean {
    return this.#settings.isSet
  }

  /** Of destinations that nobody can be told by. */
  get problems(): readonly string[] {
    return this.#settings.problems
  }

  /** What a destination in prefixd's words is told of; empty: all. */
  eventsOf(id: string): readonly AlertEvent[] {
    const own = this.#destinations.find(each => each.id === id)
    return own === undefined || own.events.length > 0 ? (own?.events ?? []) : (this.settings.events ?? [])
  }

  mayReach(url: string): boolean {
    const { allow, plainHttp } = this.#options.config().outgoing
    return judgeUrl(url, allowanceOf(allow, plainHttp)).kind === 'fine'
  }

  /** Sends one to each at once, whatever they want to hear; gives how it went. */
  test(): Promise<readonly Delivery[]> {
    this.follow()
    return Promise.all(
      this.#destinations.map(async ({ id, name }) => {
        const error = await this.testOne(id)
        return { destination: name, ...(error === undefined ? {} : { error }) }
      }),
    )
  }

  /** Gives what went wrong. */
  async testOne(id: string): Promise<string | undefined> {
    const alert: Alert = {
      ...this.#alert('mitigation.created', 'Test Alert', 'This is a test.'),
      ...{ severity: 'info', victim_ip: '203.0.113.1', customer_id: 'test_customer', vector: 'udp_flood' },
      ...{ action_type: 'discard', pop: 'test' },
    }
    const carried = await this.dispatcher.test(id, { form: 'alert', alert })
    return carried === undefined || carried.kind === 'taken' ? undefined : carried.error
  }

  opened(attack: OpenAttack, decision: Decision): void {
    this.#decided(attack, decision)
  }

  decidedAgain(attack: OpenAttack, decision: Decision): void {
    this.#decided(attack, decision)
  }

  #decided(attack: Attack, decision: Decision): void {
    const { kind, ladder } = decision
    if (kind === 'refused') this.#refused(decision, decisionText(attack, decision), this.#about(attack))
    if (kind === 'refused' || kind === 'nothing') return
    const isTold = this.#told.has(attack.id)
    const isHigher = isTold && isStepUp(this.#told.get(attack.id), ladder)
    this.#remember(attack.id, ladder)
    if (isTold && !isHigher) return
    const [action] = actionsOf(decision)
    const text = decisionText(attack, decision)
    this.#tell({
      ...(isTold
        ? this.#alert('mitigation.escalated', 'Mitigation Escalated', text)
        : this.#alert('mitigation.created', 'Mitigation Created', text)),
      ...this.#about(attack),
      ...(action === undefined ? {} : { action_type: actionOf({ action }) }),
    })
  }

  /** No attack comes of it, so it has no mitigation that could be looked up. */
  refused(attack: Attack, decision: Refused): void {
    const { mitigation_id: _none, ...about } = this.#about(attack)
    this.#refused(decision, decisionText(attack, decision), about)
  }

  /** At a pace. */
  protected refusedAloud(alert: Alert): void {
    this.#tell(alert)
  }

  #refused({ refusals }: Refused, text: string, about: Partial<Alert>): void {
    const rails = [...new Set(refusals.map(({ rail }) => rail))].sort().join(' ')
    this.#refusals.tell(`${about.victim_ip} ${rails}`, {
      ...this.#alert('guardrail.rejected', 'Guardrail Rejected', text),
      ...about,
    })
  }

  #remember(id: string, place: Place): void {
    this.#told.set(id, place)
    if (this.#told.size <= TOLD_MAX) return
    const oldest = this.#told.oldestBeside(id)
    if (oldest !== undefined) this.#told.delete(oldest)
  }

  evidence(): void {}

  ended(attack: EndedAttack): void {
    if (!this.#told.delete(attack.id)) return
    const { endedBy, because } = attack
    // What was said about it is said by somebody: a detector that takes its report back, an operator.
    const isOver = endedBy === 'finished' && because === undefined
    const alert = isOver
      ? this.#alert('mitigation.expired', 'Mitigation Expired', `${attack.host}: the attack is over`)
      : this.#alert(
          'mitigation.withdrawn',
          'Mitigation Withdrawn',
          `${attack.host}: ${because ?? `ended by ${endedBy}`}`,
        )
    this.#tell({ ...alert, ...this.#about(attack) })
  }

  reloaded(changed: readonly string[]): void {
    const what = changed.length === 0 ? 'nothing is otherwise' : `${changed.length} settings are otherwise`
    this.#tell(this.#alert('config.reloaded', 'Config Reloaded', what))
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, () => [...this.dispatcher.metrics(), ...this.#refusals.metrics()])
  }

  stop(): void {
    this.#refusals.stop()
    this.dispatcher.stop()
  }

  /** The state is read some time after the start and may say who is told from then on; so may a reload. */
  follow(): void {
    const { settings } = this
    if (settings === this.#used) return
    this.#used = settings
    this.#destinations = destinationsOf(settings.destinations, this.fetch)
    this.dispatcher.reconfigure('alerting', this.#destinations)
  }

  #tell(alert: Alert): void {
    this.follow()
    if (!isAsked(alert, this.settings.events ?? [])) return
    const ids = this.#destinations.filter(({ events }) => isAsked(alert, events)).map(({ id }) => id)
    this.dispatcher.send(ids, { form: 'alert', alert })
  }

  #alert(event: AlertEvent, title: string, message: string): Alert {
    const timestamp = new Date(this.#now).toISOString()
    return { event_type: event, severity: SEVERITY[event], title, message, source: 'prefixd', timestamp }
  }

  get #now(): number {
    return (this.#options.now ?? Date.now)()
  }

  #about({ id, host, type, reported }: Attack): Partial<Alert> {
    const address = parseAddress(host)
    const entry = address && this.#options.desk.decisionContext.inventory?.find(address)
    return {
      ...{ mitigation_id: uuidOfName(id), victim_ip: host, vector: reported?.vector ?? type },
      ...(entry === undefined ? {} : { customer_id: entry.customer.id }),
      ...(entry?.pop === undefined ? {} : { pop: entry.pop.id }),
    }
  }
}

type Refused = Extract<Decision, { kind: 'refused' }>

const isAsked = ({ event_type: event }: Alert, wanted: readonly AlertEvent[]): boolean =>
  wanted.length === 0 || wanted.includes(event)
