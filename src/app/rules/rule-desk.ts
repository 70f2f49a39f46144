// Rules by people as the API sees them: whoever is confined sees and touches only what is about his own addresses.

import type { RulePreviewRequest } from '#api/contract/rule-preview.ts'
import type { PackRequest, TemplateRequest, Templates } from '#api/contract/rule-templates.ts'
import { readRule } from '#api/contract/rule-text.ts'
import {
  type BlackholeRequest,
  type Panic,
  type PanicRequest,
  RULES_AT_ONCE,
  type RuleExtension,
  type RuleRequest,
  type Rules,
  type RulesQuery,
  type RuleView,
} from '#api/contract/rules.ts'
import type { Caller } from '#api/control.ts'
import type { RuleDesk as Desk } from '#api/resources.ts'
import { assert } from '#lib/assert.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { actorOf } from '../actor.ts'
import type { Reach } from '../resources/reach.ts'
import { pageOfRules } from './rule-list.ts'
import { listTemplates, makeAll, wishesOfPack, wishesOfTemplate } from './rule-packs.ts'
import type { RulePreviews } from './rule-preview.ts'
import type { RuleRecord } from './rule-record.ts'
import type { RuleOutcome, RuleRoom, RuleWish } from './rule-room.ts'
import { textOf } from './rule-view.ts'
import { refused } from './rule-works.ts'

export interface RuleDeskOptions {
  readonly rules: RuleRoom
  readonly reach: Reach
  readonly previews: RulePreviews
  readonly panic: (request: PanicRequest, by: Caller) => Promise<Panic>
}

/** As the list calls what came over our own API. */
const VIA = 'api'

export class RuleDesk implements Desk {
  readonly #options: RuleDeskOptions

  constructor(options: RuleDeskOptions) {
    this.#options = options
  }

  list(query: RulesQuery, by: Caller): Rules {
    const { rules, reach } = this.#options
    return pageOfRules(rules, query, target => reach.sees(by, target))
  }

  get(id: string, by: Caller): RuleView | undefined {
    const record = this.#find(id, by)
    return record && this.#options.rules.view(record)
  }

  /** What somebody may not see is as if it were not there. */
  #find(id: string, by: Caller): RuleRecord | undefined {
    const { rules, reach } = this.#options
    const record = rules.get(id)
    return record !== undefined && reach.sees(by, record.target) ? record : undefined
  }

  async preview(request: RulePreviewRequest, by: Caller) {
    const { rules, reach, previews } = this.#options
    const wish = wishOf({ ...request, reason: 'preview', ifExists: 'refuse' }, VIA)
    if (!reach.sees(by, wish.target)) return notWithin(wish.target)
    const { target, flow } = wish
    return await previews.make({ target, flow, text: textOf(wish) }, rules.preview(wish, actorOf(by)))
  }

  async create(request: RuleRequest, by: Caller) {
    return await this.make(wishOf(request, VIA), by)
  }

  /** Also for other doors: `wish.via` says which. */
  async make(wish: RuleWish, by: Caller) {
    const { rules, reach } = this.#options
    if (!reach.sees(by, wish.target)) return notWithin(wish.target)
    const outcome = await rules.create(wish, actorOf(by))
    if (outcome.kind === 'refused') return outcome
    return { kind: 'done', value: { outcome: outcome.outcome, rule: rules.view(outcome.record) } } as const
  }

  templates(): Templates {
    return listTemplates()
  }

  async applyTemplate(request: TemplateRequest, by: Caller) {
    const { target, reason, ifExists } = request
    if (!this.#options.reach.sees(by, target)) return notWithin(target)
    const common = { reason, mayExtend: ifExists === 'extend', ...momentsOf(request) }
    const wishes = wishesOfTemplate(request, common)
    return { kind: 'done', value: await makeAll(wishes, wish => this.make(wish, by)) } as const
  }

  async applyPack(request: PackRequest, by: Caller) {
    const { rules, reach } = this.#options
    const { networks, reason, ifExists } = request
    const outside = networks?.find(network => !reach.sees(by, network))
    if (outside !== undefined) return notWithin(outside)
    const targets = networks ?? rules.networks.map(canonicalTarget).filter(network => reach.sees(by, network))
    if (targets.length === 0)
      return refused('outside-networks', 'no whole network of ours is yours: name networks')
    const common = { reason, mayExtend: ifExists === 'extend' }
    const wishes = wishesOfPack(request, targets, common, rules.longestSeconds)
    if (wishes.length > RULES_AT_ONCE)
      return refused(
        'too-many-rules',
        `these are ${wishes.length} rules, and ${RULES_AT_ONCE} are the most at a time`,
      )
    return { kind: 'done', value: await makeAll(wishes, wish => this.make(wish, by)) } as const
  }

  async extend({ id, until, ttlSeconds, reason }: RuleExtension, by: Caller) {
    if (this.#find(id, by) === undefined) return unknown(id)
    const asked = { ...(until === undefined ? {} : { until: Date.parse(until) }), ttlSeconds }
    return this.#viewed(await this.#options.rules.extend(id, asked, reason, actorOf(by)))
  }

  async withdraw(id: string, reason: string | undefined, by: Caller) {
    if (this.#find(id, by) === undefined) return unknown(id)
    const { rules } = this.#options
    const done = await rules.withdraw(id, reason, actorOf(by))
    if (done.kind === 'refused') return done
    const outcome = done.isNew ? 'withdrawn' : 'over'
    return { kind: 'done', value: { outcome, rule: rules.view(done.record) } } as const
  }

  async retry(id: string, by: Caller) {
    if (this.#find(id, by) === undefined) return unknown(id)
    return this.#viewed(await this.#options.rules.retry(id, actorOf(by)))
  }

  #viewed<Other extends Extract<RuleOutcome, { kind: 'refused' }> | ReturnType<typeof refused<string>>>(
    outcome: Extract<RuleOutcome, { kind: 'done' }> | Other,
  ) {
    if (outcome.kind === 'refused') return outcome as Other
    return { kind: 'done', value: this.#options.rules.view(outcome.record) } as const
  }

  async blackhole(request: BlackholeRequest, by: Caller) {
    const { prefix: target, reason, ifExists } = request
    const wish: RuleWish = {
      ...{ kind: 'blackhole', target, flow: '', action: 'blackhole', reason, via: VIA },
      ...{ ...momentsOf(request), mayExtend: ifExists === 'extend' },
    }
    return await this.make(wish, by)
  }

  /** The live one of exactly this prefix. */
  async endBlackhole(prefix: string, reason: string | undefined, by: Caller) {
    const { rules, reach } = this.#options
    // Somebody else's is as if it were not there.
    const isMeant = (each: RuleRecord) =>
      each.kind === 'blackhole' && each.target === prefix && reach.sees(by, each.target)
    const record = rules.live.find(isMeant)
    if (record === undefined) return refused('unknown-rule', `no live blackhole is of ${prefix}`)
    return await this.withdraw(record.id, reason, by)
  }

  async panic(request: PanicRequest, by: Caller): Promise<Panic> {
    return await this.#options.panic(request, by)
  }
}

const notWithin = (target: string) =>
  refused('outside-networks', `${target} is not wholly within what you may touch`)

const unknown = (id: string) => refused('unknown-rule', `there is none of the id ${id}`)

/** What was checked by the schema. `via`: which door it came through. */
export function wishOf(request: RuleRequest, via: string): RuleWish {
  const read = readRule(request)
  assert(read.kind === 'rule', 'the contract lets only rules pass that can be read')
  const { target, flow, deed } = read.said
  return {
    ...{ kind: 'filter', target: targetText(target), flow: printFlow(flow), ...deed },
    ...{ reason: request.reason, via, mayExtend: request.ifExists === 'extend' },
    ...momentsOf(request),
  }
}

/** An address without its length, as attacks name their hosts. */
export function targetText(prefix: Prefix): string {
  return prefix.length === bitsOf(prefix.family) ? formatAddress(prefix) : formatPrefix(prefix)
}

/** Canonical; text that is none stays as it is. */
export function canonicalTarget(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : targetText(prefix)
}

function momentsOf({ startsAt, until, ttlSeconds }: Pick<RuleRequest, 'startsAt' | 'until' | 'ttlSeconds'>) {
  return {
    ...(startsAt === undefined ? {} : { startsAt: Date.parse(startsAt) }),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  }
}
