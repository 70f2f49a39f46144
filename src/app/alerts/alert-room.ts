// What happens to attacks, told to webhooks: who is told is kept with the state, so that it outlives a restart.

import type { Attack, EndedAttack } from '#4-detection/attack.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import { type StoredAlerting, storedAlertingSchema } from '#compat/prefixd/api/alerting-body.ts'
import type { Documents } from '#lib/documents.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import { allowanceOf, judgeUrl, safeFetch } from '#lib/safe-fetch.ts'
import { uuidOfName } from '#lib/uuid.ts'
import type { Alert } from '#notify/webhook/alert.ts'
import type { OutgoingConfig } from '#notify/webhook/config.ts'
import { METRICS } from '#notify/webhook/metrics.ts'
import { type Delivery, WebhookSender } from '#notify/webhook/webhook-sender.ts'
import type { AttackWitness } from '../attack-story.ts'
import { destinationsOf } from './destinations.ts'

export interface AlertRoomOptions {
  readonly state: { readonly documents: Documents }
  readonly desk: { readonly decisionContext: { readonly inventory?: Inventory } }
  /** As it is in force. */
  readonly config: () => { readonly outgoing: OutgoingConfig }
  readonly log: Logger
  /** The wall clock unless a test has another. */
  readonly now?: () => number
}

const KIND = 'alerting'
const ID = 'settings'
const NOBODY: StoredAlerting = { destinations: [], events: [] }
const ANSWER_BYTES_MAX = 4096
/** Attacks whose beginning was told; of more the oldest end untold. */
const TOLD_MAX = 20_000

export class AlertRoom implements AttackWitness {
  readonly #options: AlertRoomOptions
  readonly #sender: WebhookSender
  readonly #told = new Set<string>()
  /** The document that the sender goes by. */
  #used: unknown

  constructor(options: AlertRoomOptions) {
    this.#options = options
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
  }

  get settings(): StoredAlerting {
    return storedAlertingSchema.safeParse(this.#document).data ?? NOBODY
  }

  /** In force at once; true when it is on disk. */
  change(settings: StoredAlerting): Promise<boolean> {
    return this.#options.state.documents.put(KIND, ID, settings)
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
    const message = decisionText(attack, decision)
    if (decision.kind === 'refused') {
      this.#tell({
        ...this.#alert('guardrail.rejected', 'Guardrail Rejected', message),
        ...this.#about(attack),
      })
      return
    }
    if (decision.kind === 'nothing') return
    this.#told.add(attack.id)
    const [oldest] = this.#told
    if (this.#told.size > TOLD_MAX && oldest !== undefined) this.#told.delete(oldest)
    const [action] = decision.kind === 'act' ? decision.actions : decision.would
    this.#tell({
      ...this.#alert('mitigation.created', 'Mitigation Created', message),
      ...this.#about(attack),
      ...(action === undefined ? {} : { action_type: action.kind }),
    })
  }

  evidence(): void {}

  ended(attack: EndedAttack): void {
    if (!this.#told.delete(attack.id)) return
    const isOver = attack.endedBy === 'finished'
    const alert = isOver
      ? this.#alert('mitigation.expired', 'Mitigation Expired', `${attack.host}: the attack is over`)
      : this.#alert(
          'mitigation.withdrawn',
          'Mitigation Withdrawn',
          `${attack.host}: ended by ${attack.endedBy}`,
        )
    this.#tell({ ...alert, ...this.#about(attack) })
  }

  reloaded(changed: readonly string[]): void {
    const what = changed.length === 0 ? 'nothing is otherwise' : `${changed.length} settings are otherwise`
    this.#tell(this.#alert('config.reloaded', 'Config Reloaded', what))
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, this.#sender.metrics)
  }

  stop(): void {
    this.#sender.stop()
  }

  get #document(): unknown {
    return this.#options.state.documents.all(KIND).get(ID)
  }

  /** The state is read some time after the start, and says who is told from then on. */
  #follow(): void {
    const document = this.#document
    if (document === this.#used) return
    this.#used = document
    const { destinations, events } = this.settings
    this.#sender.reconfigure(destinationsOf(destinations), events ?? [])
  }

  #tell(alert: Alert): void {
    this.#follow()
    this.#sender.tell(alert)
  }

  #alert(event: AlertEvent, title: string, message: string): Alert {
    const timestamp = new Date((this.#options.now ?? Date.now)()).toISOString()
    const severity = event === 'mitigation.created' || event === 'guardrail.rejected' ? 'warning' : 'info'
    return { event_type: event, severity, title, message, source: 'prefixd', timestamp }
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
