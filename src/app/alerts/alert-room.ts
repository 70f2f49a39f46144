// What happens to attacks, told to webhooks.

import type { Attack, EndedAttack } from '#4-detection/attack.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import { actionsOf } from '#6-policy/wanted.ts'
import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import { isWanted } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { StoredAlerting } from '#compat/prefixd/api/alerting-body.ts'
import { actionOf } from '#compat/prefixd/api/metrics.ts'
import type { Documents } from '#lib/documents.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { allowanceOf, judgeUrl, safeFetch } from '#lib/safe-fetch.ts'
import { uuidOfName } from '#lib/uuid.ts'
import type { Alert, Severity } from '#notify/webhook/alert.ts'
import { AlertPace } from '#notify/webhook/alert-pace.ts'
import type { OutgoingConfig } from '#notify/webhook/config.ts'
import type { WebhooksConfig } from '#notify/webhook/destinations-config.ts'
import { METRICS } from '#notify/webhook/metrics.ts'
import { type Delivery, WebhookSender } from '#notify/webhook/webhook-sender.ts'
import type { AttackWitness } from '../attack-story.ts'
import { AlertSettings } from './alert-settings.ts'
import { destinationsOf } from './destinations.ts'

export interface AlertRoomOptions {
  readonly state: { readonly documents: Documents }
  readonly desk: { readonly decisionContext: { readonly inventory?: Inventory } }
  readonly store: Pick<MitigationStore, 'ofAttack'>
  /** As it is in force. */
  readonly config: () => {
    readonly outgoing: OutgoingConfig
    readonly notify: { readonly webhooks: WebhooksConfig }
  }
  /** Where secrets may be; that of the process unless a test has another. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** The wall clock unless a test has another. */
  readonly now?: () => number
  /** In which refusals are held to a pace; a minute unless a test is in a hurry. */
  readonly minuteMs?: number
}

const ANSWER_BYTES_MAX = 4096
/** Attacks whose beginning was told; of more the oldest end untold. */
const TOLD_MAX = 20_000

const SEVERITY: Readonly<Record<AlertEvent, Severity>> = {
  ...{ 'mitigation.created': 'warning', 'mitigation.escalated': 'critical', 'guardrail.rejected': 'warning' },
  ...{ 'mitigation.withdrawn': 'info', 'mitigation.expired': 'info', 'config.reloaded': 'info' },
}

type Place = Decision['ladder']

export class AlertRoom implements AttackWitness {
  readonly #options: AlertRoomOptions
  readonly #sender: WebhookSender
  /** Whoever may report can have much refused. */
  readonly #refusals: AlertPace
  /** Attacks whose beginning was told, and where each stands on its playbook. */
  readonly #told = new Map<string, Place>()
  readonly #settings: AlertSettings
  /** The settings that the sender goes by. */
  #used: StoredAlerting | undefined

  constructor(options: AlertRoomOptions) {
    this.#options = options
    this.#settings = new AlertSettings({
      ...{ documents: options.state.documents, configured: () => options.config().notify.webhooks },
      ...{ log: options.log, environment: options.environment ?? process.env },
    })
    this.#sender = new WebhookSender({
      log: options.log,
      fetch: request => {
        const { allow, plainHttp, timeoutSeconds } = options.config().outgoing
        const allowance = allowanceOf(allow, plainHttp)
        return safeFetch(request, {
          allowance,
          timeoutMs: timeoutSeconds * 1000,
          answerBytesMax: ANSWER_BYTES_MAX,
        })
      },
    })
    this.#refusals = new AlertPace({
      ...{ tell: alert => this.#tell(alert), now: () => this.#now },
      ...(options.minuteMs === undefined ? {} : { minuteMs: options.minuteMs }),
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

  mayReach(url: string): boolean {
    const { allow, plainHttp } = this.#options.config().outgoing
    return judgeUrl(url, allowanceOf(allow, plainHttp)).kind === 'fine'
  }

  test(): Promise<readonly Delivery[]> {
    this.#follow()
    return this.#sender.test({
      ...this.#alert('mitigation.created', 'Test Alert', 'This is a test.'),
      ...{ severity: 'info', victim_ip: '203.0.113.1', customer_id: 'test_customer', vector: 'udp_flood' },
      ...{ action_type: 'discard', pop: 'test' },
    })
  }

  opened(attack: Attack, decision: Decision): void {
    this.#decided(attack, decision)
  }

  decidedAgain(attack: Attack, decision: Decision): void {
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

  #refused({ refusals }: Refused, text: string, about: Partial<Alert>): void {
    const rails = [...new Set(refusals.map(({ rail }) => rail))].sort().join(' ')
    this.#refusals.tell(`${about.victim_ip} ${rails}`, {
      ...this.#alert('guardrail.rejected', 'Guardrail Rejected', text),
      ...about,
    })
  }

  #remember(id: string, place: Place): void {
    this.#told.set(id, place)
    const [oldest] = this.#told.keys()
    if (this.#told.size > TOLD_MAX && oldest !== undefined) this.#told.delete(oldest)
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
    registry.add(METRICS, () => [...this.#sender.metrics(), ...this.#refusals.metrics()])
  }

  stop(): void {
    this.#refusals.stop()
    this.#sender.stop()
  }

  /** The state is read some time after the start and may say who is told from then on; so may a reload. */
  #follow(): void {
    const { settings } = this
    if (settings === this.#used) return
    this.#used = settings
    const { destinations, events } = settings
    this.#sender.reconfigure(destinationsOf(destinations), events ?? [])
  }

  #tell(alert: Alert): void {
    this.#follow()
    this.#sender.tell(alert)
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

const NOWHERE = { sinceMs: 0, calmSinceMs: undefined }

const isStepUp = (before: Place, now: Place): boolean =>
  now !== undefined && now.playbook === before?.playbook && now.step > before.step
