// Which open attack a report is about: by what it says, and by the name its source gave it.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { scopeOf } from '#4-detection/reported-attack.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'

/** A report that was answered by an open attack. */
export interface Answered {
  readonly eventId: string
  readonly attackId: string
}

/** Names of reports that are remembered; of more the oldest are forgotten, and found in the state. */
const NAMES_MAX = 200_000

/** Names of reports of one attack. */
interface Named {
  names: string[]
  /** Those that are remembered. */
  count: number
}

/** So many forgotten ones are borne. */
const FORGOTTEN_MAX = 64

export class KnownReports {
  readonly #max: number
  readonly #byScope = new SteadyMap<string>()
  readonly #scopes = new SteadyMap<string>()
  readonly #byName = new SteadyMap<Answered>()
  /** By attack, and some that were forgotten. */
  readonly #names = new SteadyMap<Named>()
  /** Of the report in hand, about which several things are asked: texts that are made anew have to be read anew, too. */
  #scope: { readonly event: ForeignEvent; readonly text: string } | undefined
  #name: { readonly source: string; readonly externalId: string; readonly text: string } | undefined

  constructor(max: number = NAMES_MAX) {
    this.#max = max
  }

  /** The attack that a report like this one belongs to. */
  attackOf(event: ForeignEvent): string | undefined {
    if (this.#scope?.event !== event) this.#scope = { event, text: scopeOf(event) }
    return this.#byScope.get(this.#scope.text)
  }

  #nameOf(source: string, externalId: string): string {
    if (this.#name?.source !== source || this.#name.externalId !== externalId)
      this.#name = { source, externalId, text: `${source}\0${externalId}` }
    return this.#name.text
  }

  /** The attack of an order for the same traffic, with this scope. */
  orderLike(scope: string | undefined): string | undefined {
    return scope === undefined ? undefined : this.#byScope.get(scope)
  }

  answered(source: string, externalId: string): Answered | undefined {
    return this.#byName.get(this.#nameOf(source, externalId))
  }

  /** Names that are remembered. */
  get nameCount(): number {
    return this.#byName.size
  }

  opened(scope: string, attackId: string): void {
    this.#byScope.set(scope, attackId)
    this.#scopes.set(attackId, scope)
  }

  /** The report was answered by this attack. */
  add({ source, externalId }: ForeignEvent, answered: Answered): void {
    if (externalId === undefined) return
    const name = this.#nameOf(source, externalId)
    this.#forget(name)
    this.#byName.set(name, answered)
    this.#nameOne(answered.attackId, name)
    if (this.#byName.size <= this.#max) return
    const oldest = this.#byName.oldestBeside(name)
    if (oldest !== undefined) this.#forget(oldest)
  }

  #nameOne(attackId: string, name: string): void {
    const named = this.#names.get(attackId)
    if (named === undefined) this.#names.set(attackId, { names: [name], count: 1 })
    else {
      named.names.push(name)
      named.count++
    }
  }

  #forget(name: string): void {
    const attackId = this.#byName.get(name)?.attackId
    if (attackId === undefined) return
    this.#byName.delete(name)
    const named = this.#names.get(attackId)
    if (named === undefined) return
    named.count--
    if (named.count === 0) this.#names.delete(attackId)
    else if (named.names.length > 2 * named.count + FORGOTTEN_MAX)
      named.names = [...new Set(named.names)].filter(each => this.#isOf(each, attackId))
  }

  #isOf(name: string, attackId: string): boolean {
    return this.#byName.get(name)?.attackId === attackId
  }

  /** The attack is over: the next report like those opens another. */
  ended(attackId: string): void {
    const scope = this.#scopes.get(attackId)
    if (scope !== undefined && this.#byScope.get(scope) === attackId) this.#byScope.delete(scope)
    this.#scopes.delete(attackId)
    for (const name of this.#names.get(attackId)?.names ?? [])
      if (this.#isOf(name, attackId)) this.#byName.delete(name)
    this.#names.delete(attackId)
  }
}

/** As `scopeOf` of the reports that made it; of an order, what was ordered for whom. */
export function scopeOfAttack({ host, direction, reported }: OpenAttack): string | undefined {
  if (reported === undefined) return undefined
  const { vector, ports, protocol = 'any', order } = reported
  if (order?.kind === 'blackhole') return `order blackhole ${host}`
  if (order?.flow !== undefined) return `order rule ${order.flow}`
  if (order !== undefined) return `order ${protocol} ${ports.join(',')} ${host}`
  const about = { host, direction: direction === 'outgoing' ? direction : 'incoming', vector, ports } as const
  return scopeOf({ ...about, source: reported.source, at: 0, action: 'ban' })
}
