// Mitigations as the API sees them: live ones from the ledger, those that are over from the state, newest first; orders of
// operators, and what they take back and note as seen.

import type { ManualOrder } from '#4-detection/reported-attack.ts'
import type { Page } from '#7-mitigation/attack-record.ts'
import { isActive, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type {
  ExtendManyRequest,
  ManyOutcome,
  Mitigations,
  MitigationsQuery,
  MitigationView,
  MitigationWithAttack,
  OrderPreviewRequest,
  OrderRequest,
} from '#api/contract/mitigations.ts'
import type { Caller, Done } from '#api/control.ts'
import type { MitigationDesk as Desk } from '#api/resources.ts'
import type { Documents } from '#lib/documents.ts'
import { actorOf } from '../actor.ts'
import type { AttackBook } from '../attack-book.ts'
import { REFUSAL_OF } from '../ban-refusal.ts'
import { ACKNOWLEDGED } from '../intake/acknowledgements.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import { placeOfMitigation } from '../intake/mitigation-archive.ts'
import { cutPage, isBehind, type Place, placeText, readPlace } from '../intake/page-walk.ts'
import type { RulePreviews } from '../rules/rule-preview.ts'
import type { RuleRoom } from '../rules/rule-room.ts'
import { attackView } from './attack-desk.ts'
import { extendMitigation } from './mitigation-extension.ts'
import { canBeTakenBack, filterOf } from './mitigation-filter.ts'
import { inOrder, newestLive } from './newest-live.ts'
import { foreseenOf, ruleOfOrder } from './order-preview.ts'
import { mitigationView } from './present-mitigation.ts'
import type { Reach } from './reach.ts'

export interface MitigationDeskOptions {
  readonly store: Pick<MitigationStore, 'active' | 'get' | 'ofAttack'>
  readonly book: AttackBook
  readonly intake: Pick<IntakeRoom, 'acknowledge' | 'release'> & {
    readonly events: Pick<IntakeRoom['events'], 'order' | 'wouldOrder' | 'prolong'>
    readonly archive: Pick<IntakeRoom['archive'], 'get'>
    readonly mitigations: Pick<IntakeRoom['mitigations'], 'get' | 'past'>
  }
  readonly documents: Documents
  readonly reach: Reach
  readonly rules: Pick<RuleRoom, 'live' | 'extend' | 'longestSeconds'>
  readonly previews: RulePreviews
  /** Ends an open attack, whoever opened it. */
  readonly endAttack: (
    attackId: string,
    by: Caller,
    reason: string | undefined,
  ) => Promise<Done<unknown, 'not-banned' | 'ambiguous' | 'not-ready'>>
  /** Settles when what was decided is on disk, or after some seconds. */
  readonly onDisk: () => Promise<unknown>
}

const NONE: Page<Mitigation> = { items: [] }

type ManyResult = ManyOutcome['results'][number]

export class MitigationDesk implements Desk {
  readonly #options: MitigationDeskOptions

  constructor(options: MitigationDeskOptions) {
    this.#options = options
  }

  async list(query: MitigationsQuery, by: Caller): Promise<Mitigations> {
    const { store, reach, intake } = this.#options
    const notes = this.#notes
    const { fits, wantsLive, wantsEnded, ...span } = filterOf(query, by, reach, id => notes.has(id))
    const { limit, cursor, attack } = query
    const most = limit + 1
    const live = wantsLive ? newestLive(store.active(), fits, readPlace(cursor), most) : []
    const wanted = { ...span, ...(attack === undefined ? {} : { attackIds: [attack] }), fits }
    const page = { limit: most, ...(cursor === undefined ? {} : { cursor }) }
    const past = wantsEnded ? await intake.mitigations.past(wanted, page) : NONE
    const unseen = readPlace(past.next)
    const { items, next } = cutPage({ found: known(live, past.items, unseen), unseen }, placeOfMitigation, {
      limit,
    })
    return {
      mitigations: items.map(mitigation => mitigationView(mitigation, notes)),
      ...(next === undefined ? {} : { nextCursor: placeText(next) }),
    }
  }

  get #notes(): ReadonlyMap<string, unknown> {
    return this.#options.documents.all(ACKNOWLEDGED)
  }

  async get(id: string, by: Caller): Promise<MitigationWithAttack | undefined> {
    const mitigation = await this.#find(id, by)
    if (mitigation === undefined) return undefined
    const record = await this.#options.intake.archive.get(mitigation.attackId)
    return { ...this.#view(mitigation), ...(record === undefined ? {} : { attack: attackView(record) }) }
  }

  async #find(id: string, by: Caller): Promise<Mitigation | undefined> {
    const { store, intake, reach } = this.#options
    const mitigation = store.get(id) ?? (await intake.mitigations.get(id))
    return mitigation !== undefined && reach.sees(by, mitigation.target) ? mitigation : undefined
  }

  #view(mitigation: Mitigation): MitigationView {
    return mitigationView(mitigation, this.#notes)
  }

  async order(request: OrderRequest, by: Caller) {
    const { reach, intake, store, onDisk } = this.#options
    const { target } = request
    if (!reach.sees(by, target)) return notTheirs(target)
    const wanted = manualOrderOf(request)
    const ordered = intake.events.order(wanted, actorOf(by))
    if (ordered.kind === 'unavailable') return refused('not-ready', ordered.reason)
    if (ordered.kind === 'refused') {
      const [first] = ordered.refusals
      const code = first === undefined ? 'refused-by-policy' : REFUSAL_OF[first.rail]
      return refused(code, ordered.refusals.map(({ reason: why }) => why).join('; '))
    }
    await onDisk()
    const { kind: outcome, attackId } = ordered
    const mitigations = store
      .ofAttack(attackId)
      .filter(isActive)
      .map(each => this.#view(each))
    return { kind: 'done', value: { outcome, attackId, mitigations } } as const
  }

  /** Nothing is done. */
  async preview(request: OrderPreviewRequest, by: Caller) {
    const { reach, intake, previews } = this.#options
    if (!reach.sees(by, request.target)) return notTheirs(request.target)
    const order = manualOrderOf({ ...request, reason: request.reason ?? 'preview' })
    return await previews.make(ruleOfOrder(order), foreseenOf(intake.events.wouldOrder(order, actorOf(by))))
  }

  async withdraw(id: string, reason: string | undefined, by: Caller) {
    const done = await this.#withdraw(id, reason, by)
    await this.#options.onDisk()
    return done
  }

  async #withdraw(id: string, reason: string | undefined, by: Caller) {
    const mitigation = await this.#find(id, by)
    if (mitigation === undefined) return refused('unknown-mitigation', `there is none of the id ${id}`)
    const outcome = await this.#takeBack(mitigation, reason, by)
    if (outcome.kind === 'refused') return refused('not-ready', outcome.detail)
    const now = this.#options.store.get(id) ?? mitigation
    return { kind: 'done', value: { outcome: outcome.value, mitigation: this.#view(now) } } as const
  }

  /** Its attack ends with it: as long as that is open policy would want the same again. */
  async #takeBack(
    mitigation: Mitigation,
    reason: string | undefined,
    by: Caller,
  ): Promise<Done<'withdrawn' | 'over', 'not-ready'>> {
    const { book, intake, endAttack } = this.#options
    if (!isActive(mitigation)) return { kind: 'done', value: 'over' }
    const { attackId } = mitigation
    if (canBeTakenBack(mitigation)) {
      if (book.get(attackId)?.attack.state === 'open') {
        const ended = await endAttack(attackId, by, reason)
        if (ended.kind === 'refused' && ended.code !== 'not-banned') return refused('not-ready', ended.detail)
      }
      intake.release(attackId, actorOf(by))
    }
    return { kind: 'done', value: 'withdrawn' }
  }

  withdrawMany(ids: readonly string[], reason: string | undefined, by: Caller): Promise<ManyOutcome> {
    return this.#many(ids, async id => {
      const done = await this.#withdraw(id, reason, by)
      if (done.kind === 'done') return { id, outcome: done.value.outcome }
      if (done.code === 'unknown-mitigation') return { id, outcome: 'unknown' }
      return { id, outcome: 'failed', problem: done.detail }
    })
  }

  extendMany({ ids, ttlSeconds, reason }: ExtendManyRequest, by: Caller): Promise<ManyOutcome> {
    const { rules, intake } = this.#options
    const extended = new Set<string>()
    return this.#many(ids, async id => {
      const mitigation = await this.#find(id, by)
      if (mitigation === undefined) return { id, outcome: 'unknown' }
      const { attackId } = mitigation
      // All that is held for one attack ends together.
      if (extended.has(attackId)) return { id, outcome: 'extended' }
      const done = await extendMitigation(
        { rules, events: intake.events },
        mitigation,
        { ttlSeconds, reason },
        actorOf(by),
      )
      if (done.kind === 'refused') return { id, outcome: 'failed', problem: done.detail }
      if (done.value === 'extended') extended.add(attackId)
      return { id, outcome: done.value }
    })
  }

  acknowledgeMany(ids: readonly string[], by: Caller): Promise<ManyOutcome> {
    return this.#many(ids, async id => {
      const mitigation = await this.#find(id, by)
      if (mitigation === undefined) return { id, outcome: 'unknown' }
      const { attackId } = mitigation
      if (this.#notes.has(attackId)) return { id, outcome: 'known' }
      const note = await this.#options.intake.acknowledge(attackId, actorOf(by))
      return note === undefined ? { id, outcome: 'unknown' } : { id, outcome: 'acknowledged' }
    })
  }

  /** Each is answered for itself: one that fails does not keep the others from it. */
  async #many(ids: readonly string[], order: (id: string) => Promise<ManyResult>): Promise<ManyOutcome> {
    const results: ManyResult[] = []
    // One after another: two of one attack must not both be the first.
    for (const id of ids) results.push(await order(id).catch(error => ({ ...failedBy(error), id })))
    await this.#options.onDisk()
    const isNew = ({ outcome }: ManyResult) => NEWS.has(outcome)
    return { results, done: results.filter(isNew).length }
  }
}

const NEWS: ReadonlySet<ManyResult['outcome']> = new Set(['withdrawn', 'extended', 'acknowledged'])

const notTheirs = (target: string) =>
  refused('outside-networks', `${target} belongs to none of your customers`)

function manualOrderOf(request: OrderRequest): ManualOrder {
  const { target, protocol, ports, action: kind, bitsPerSecond, ttlSeconds, reason } = request
  const order = { kind, ttlSeconds, reason, ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }) }
  return { target, ports, order, ...(protocol === undefined ? {} : { protocol }) }
}

const failedBy = (error: unknown) => ({
  ...{ outcome: 'failed' as const, problem: error instanceof Error ? error.message : String(error) },
})

const refused = <Code extends string>(code: Code, detail: string) =>
  ({ kind: 'refused', code, detail }) as const

/**
 * Both newest first; what ended while it was asked for is in both. What stands behind a place from which on nothing was
 * looked at comes with the next page, among those that are found there.
 */
function known(
  live: readonly Mitigation[],
  past: readonly Mitigation[],
  unseen: Place | undefined,
): Mitigation[] {
  const ids = new Set(live.map(({ id }) => id))
  const all = [...live, ...past.filter(({ id }) => !ids.has(id))]
  const seen = unseen === undefined ? all : all.filter(each => !isBehind(placeOfMitigation(each), unseen))
  return past.length === 0 ? seen : seen.sort(inOrder)
}
