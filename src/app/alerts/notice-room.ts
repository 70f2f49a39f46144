// What happens to attacks, told to the destinations of the configuration: put together, routed, and handed to the dispatcher.

import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { Documents } from '#lib/documents.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import { newUuid } from '#lib/uuid.ts'
import type { AlertmanagerMirror } from '#notify/alertmanager/mirror.ts'
import type { NotifyConfig } from '#notify/config.ts'
import type { Dispatcher } from '#notify/delivery/dispatcher.ts'
import { isPager, USUAL_EVENTS } from '#notify/destinations-config.ts'
import { Grouping } from '#notify/notice/grouping.ts'
import { METRICS } from '#notify/notice/metrics.ts'
import type { Notice, NoticeKind } from '#notify/notice/notice.ts'
import { type NoticeAttack, noticeAttackOf, vectorOf } from '#notify/notice/notice-attack.ts'
import { destinationsFor } from '#notify/routing/route.ts'
import type { Alert } from '#notify/webhook/alert.ts'
import type { AttackWitness } from '../attack-story.ts'
import { isMirror, noticeDestinations } from './notice-destinations.ts'
import { isStepUp, type Place } from './step-up.ts'

export interface NoticeRoomOptions {
  readonly state: { readonly documents: Documents }
  readonly desk: { readonly decisionContext: { readonly inventory?: Inventory } }
  readonly dispatcher: Dispatcher
  readonly fetch: (request: SafeRequest) => Promise<Fetched>
  /** As it is in force. */
  readonly config: () => {
    readonly networks: readonly string[]
    readonly notify: NotifyConfig
    readonly outgoing: { readonly timeoutSeconds: number }
  }
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** The wall clock unless a test has another. */
  readonly now?: () => number
}

export class NoticeRoom implements AttackWitness {
  readonly #options: NoticeRoomOptions
  readonly #run = newUuid().slice(-12)
  readonly #grouping: Grouping
  /** Where attacks stand on their playbooks. */
  readonly #places = new SteadyMap<Place>()
  #mirrors: ReadonlyMap<string, AlertmanagerMirror> = new Map()
  /** The settings that destinations were made by. */
  #used: NotifyConfig | undefined
  #problems: readonly { readonly name: string; readonly text: string }[] = []
  /** Our networks, and of what they were made. */
  #networks: { readonly of: readonly string[]; readonly set: PrefixSet } | undefined
  #made = 0

  constructor(options: NoticeRoomOptions) {
    this.#options = options
    this.#grouping = new Grouping({
      ...{ config: () => this.#config.grouping, tell: (...told) => this.#route(...told), run: this.#run },
      ...{ documents: () => options.state.documents, now: () => this.now },
    })
  }

  /** Takes up what an earlier run told and what still waits. Call it when the state was read. */
  adopt(attacks: Iterable<Attack>): void {
    this.follow()
    this.#options.dispatcher.restore()
    const decision = 'as it was before the restart'
    this.#grouping.adopt([...attacks].map(attack => this.#attackOf(attack, decision, false)))
    // What waits in lines came with the state; an Alertmanager has to be told anew what is open.
    for (const { notice, told } of this.#grouping.current())
      this.#options.dispatcher.send(
        [...told].filter(id => this.#mirrors.has(id)),
        { form: 'notice', notice },
      )
  }

  /** Goes on by the configuration that is in force now; what waits is tried by it. */
  follow(): void {
    const { dispatcher, fetch, log, environment = process.env } = this.#options
    const { notify, outgoing } = this.#options.config()
    if (this.#used === notify) return
    this.#used = notify
    const { destinations, problems } = noticeDestinations({
      ...{ config: notify, timeoutMs: outgoing.timeoutSeconds * 1000, environment, fetch, log },
      ...{
        now: () => this.now,
        mirrors: this.#mirrors,
        count: fate => dispatcher.count('alertmanager', fate),
      },
    })
    this.#mirrors = new Map(destinations.filter(isMirror).map(mirror => [mirror.id, mirror]))
    this.#problems = problems
    for (const { text } of problems) log.warn('notifications', { problem: text })
    dispatcher.reconfigure('configuration', destinations)
  }

  get problems(): readonly { readonly name: string; readonly text: string }[] {
    this.follow()
    return this.#problems
  }

  opened(attack: OpenAttack, decision: Decision): void {
    this.#places.set(attack.id, decision.ladder)
    const text = decisionText(attack, decision)
    this.#grouping.opened(this.#attackOf(attack, text, decision.kind === 'dry-run'))
  }

  updated(attack: OpenAttack): void {
    this.#grouping.changed(attack.id, changesOf(attack), false)
  }

  evidence(): void {}

  decidedAgain(attack: OpenAttack, decision: Decision): void {
    const isWorse = isStepUp(this.#places.get(attack.id), decision.ladder)
    this.#places.set(attack.id, decision.ladder)
    const isDryRun = decision.kind === 'dry-run'
    const changes = { ...changesOf(attack), decision: decisionText(attack, decision), isDryRun }
    this.#grouping.changed(attack.id, changes, isWorse)
  }

  ended(attack: EndedAttack): void {
    this.#places.delete(attack.id)
    const { endedBy, because } = attack
    const how = because ?? (endedBy === 'finished' ? 'the flood is over' : `ended by ${endedBy}`)
    this.#grouping.ended(attack.id, { ...changesOf(attack), decision: how })
  }

  /** Rails refused what somebody reported or ordered, and no attack came of it. */
  refusedAloud({ message, victim_ip: target, customer_id: customer }: Alert): void {
    const about = target === undefined ? {} : { target }
    this.#route(
      this.#notice('refused', message, { ...about, ...(customer === undefined ? {} : { customer }) }),
    )
  }

  reloaded(changed: readonly string[]): void {
    const what = changed.length === 0 ? 'nothing is otherwise' : `${changed.length} settings are otherwise`
    this.#route(this.#notice('reloaded', what, {}))
  }

  /** Something of ours that somebody has to look at, in a sentence. */
  trouble(why: string): void {
    this.#route(this.#notice('trouble', why, {}))
  }

  /** A notice that is no attack: of a kind, with what it says. */
  #notice(
    kind: NoticeKind,
    why: string,
    about: { readonly target?: string; readonly customer?: string },
  ): Notice {
    const id = `n-${this.#run}-${(++this.#made).toString(36)}`
    const { target, customer } = about
    const network = target === undefined ? undefined : this.#networkOf(target)
    const item = { id: '', isOpen: false, vector: '', packetsPerSecond: 0 }
    return {
      ...{ id, group: id, kind, at: this.now, severity: SEVERITY[kind] ?? 'low', why },
      ...{ openedAt: this.now, hostgroups: [], vectors: [], attacks: 0, open: 0, decision: '' },
      ...{ packetsPerSecond: 0, bitsPerSecond: 0, isDryRun: false },
      listed: target === undefined ? [] : [{ ...item, target }],
      ...(target === undefined ? {} : { around: target }),
      ...(customer === undefined ? {} : { customer }),
      ...(network === undefined ? {} : { network }),
    }
  }

  /** Sends a test; gives what went wrong. */
  async test(destination: string): Promise<string | undefined> {
    const carried = await this.#options.dispatcher.test(destination, {
      form: 'notice',
      notice: this.#testNotice(),
    })
    return carried === undefined || carried.kind === 'taken' ? undefined : carried.error
  }

  #testNotice(): Notice {
    return this.#notice('test', 'This is a test of Floodwarden: no attack, nothing to do', {})
  }

  /** One that is no attack, for a preview; `undefined` for the others. */
  ofKind(kind: NoticeKind): Notice | undefined {
    switch (kind) {
      case 'test':
        return this.#testNotice()
      case 'reloaded':
        return this.#notice(kind, '2 settings are otherwise', {})
      case 'trouble':
        return this.#notice(kind, 'a set of source-limit in the protection profile web is full', {})
      case 'refused':
        return this.#notice(kind, 'refused to act for 192.0.2.1: rail safelist', { target: '192.0.2.1' })
      default:
        return undefined
    }
  }

  /** An open attack as it would be told now. */
  about(attackId: string, kind: NoticeKind): Notice | undefined {
    return this.#grouping.about(attackId, kind)
  }

  /** Names of those who would be told. */
  routed(notice: Notice): readonly string[] {
    const { routes, destinations } = this.#config
    const names = destinationsFor(notice, routes, Object.keys(destinations))
    return notice.kind === 'test' ? names : this.#wanted(notice, names)
  }

  get groups(): number {
    return this.#grouping.size
  }

  addMetrics(registry: MetricRegistry): void {
    registry.add(METRICS, this.#grouping.metrics)
  }

  /** What was waiting for others is handed on at once. The dispatcher keeps what it cannot send any more. */
  stop(): void {
    this.#grouping.stop()
  }

  get now(): number {
    return (this.#options.now ?? Date.now)()
  }

  get #config(): NotifyConfig {
    return this.#options.config().notify
  }

  /** Routes say who is brought in; an end goes to all who were told before as well. Gives whom it was sent to. */
  #route(notice: Notice, told: ReadonlySet<string> = new Set()): readonly string[] {
    this.follow()
    const over = notice.kind === 'ended' ? [...told] : []
    // An Alertmanager that hears no end would be told for ever that it goes on.
    const shown = over.filter(id => this.#mirrors.has(id))
    const ids = [...new Set([...this.routed(notice), ...this.#wanted(notice, over), ...shown])]
    this.#options.dispatcher.send(ids, { form: 'notice', notice })
    return ids
  }

  /** Of these, those that are to be told of its kind. */
  #wanted({ kind }: Notice, names: readonly string[]): readonly string[] {
    const { destinations } = this.#config
    return names.filter(name => {
      const settings = destinations[name]
      if (settings === undefined) return false
      const events: readonly NoticeKind[] =
        settings.events ?? USUAL_EVENTS[isPager(settings.type) ? 'pager' : 'other']
      return events.includes(kind)
    })
  }

  #attackOf(attack: Attack, decision: string, isDryRun: boolean): NoticeAttack {
    const address = parseAddress(attack.host)
    const entry = address && this.#options.desk.decisionContext.inventory?.find(address)
    return noticeAttackOf(attack, { entry, network: this.#networkOf(attack.host), decision, isDryRun })
  }

  #networkOf(target: string): string | undefined {
    const of = this.#options.config().networks
    if (this.#networks?.of !== of) {
      const prefixes = of.map(parsePrefix).filter((prefix): prefix is Prefix => prefix !== undefined)
      this.#networks = { of, set: new PrefixSet(prefixes) }
    }
    const inner = parsePrefix(target)
    const covering = inner && this.#networks.set.covering(inner)
    return covering && formatPrefix(covering)
  }
}

/** Of notices that are no attack; of others low. */
const SEVERITY: Readonly<Partial<Record<NoticeKind, Notice['severity']>>> = {
  ...{ refused: 'medium', trouble: 'high' },
}

const changesOf = (attack: Attack): Partial<NoticeAttack> => ({
  packetsPerSecond: attack.peak,
  vector: vectorOf(attack),
})
