// Protection on this machine, by one table of nftables.

import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import type { NftablesConfig } from '#8-enforcement/nftables/config.ts'
import { Nftables } from '#8-enforcement/nftables/driver.ts'
import { nftProgram } from '#8-enforcement/nftables/nft-program.ts'
import type { BackEnd, Carried, Counted, Got, Listed, Wish } from './back-end.ts'

/** Lists may have a hundred thousand elements: these are compared so often, and take this share of the time at most. */
const WHOLE_LOOK_MS = 60_000
const LOOK_SHARE = 0.005

export class NftablesBackEnd implements BackEnd {
  readonly name = 'nftables'
  readonly #config: () => NftablesConfig
  readonly #managementPrefixes: () => readonly string[]
  #driver: Nftables
  /** What the driver was made from. */
  #settings = ''
  /** What was carried out last, to see that nothing else is desired; missing: not all of it was. */
  #last: { readonly wish: Wish; readonly notes: readonly string[] } | undefined
  /** When all of it was compared, elements of lists too, and how long that took. */
  #lookedAt = Number.NEGATIVE_INFINITY
  #lookMs = 0
  /** Whether a table of ours is there, as far as we know; then it can be counted. */
  #isThere = false

  /** Both as they are in force. */
  constructor(config: () => NftablesConfig, managementPrefixes: () => readonly string[]) {
    this.#config = config
    this.#managementPrefixes = managementPrefixes
    this.#driver = this.#current()
  }

  get place(): string {
    const { hook, devices } = this.#config()
    return `the hook ${hook} of this machine${devices.length === 0 ? '' : ` at ${devices.join(', ')}`}`
  }

  async apply(wish: Wish): Promise<Carried> {
    const driver = this.#current()
    const isWhole = performance.now() - this.#lookedAt >= Math.max(WHOLE_LOOK_MS, this.#lookMs / LOOK_SHARE)
    if (!isWhole && this.#last !== undefined && isSameWish(this.#last.wish, wish)) {
      const look = await driver.looksUntouched()
      if (look.kind === 'failed') return look
      if (look.isUntouched) return { kind: 'done', isChanged: false, notes: this.#last.notes }
    }
    const began = performance.now()
    const carried = await driver.apply(this.#told(wish))
    this.#lookedAt = performance.now()
    this.#lookMs = this.#lookedAt - began
    this.#last = carried.kind === 'done' ? { wish, notes: carried.notes } : undefined
    this.#isThere = carried.kind === 'done' && wish.desired.some(({ isOn }) => isOn)
    return carried
  }

  async remove(): Promise<Carried> {
    const carried = await this.#current().remove()
    this.#last = undefined
    if (carried.kind === 'done') this.#isThere = false
    return carried
  }

  preview(wish: Wish): string {
    return this.#current().preview(this.#told(wish))
  }

  async counts(): Promise<Got<readonly Counted[]>> {
    if (!this.#isThere) return { kind: 'done', value: [] }
    const answer = await this.#driver.counts()
    return answer.kind === 'done' ? { kind: 'done', value: answer.counters } : answer
  }

  async blocked(): Promise<Got<readonly Listed[]>> {
    if (!this.#isThere) return { kind: 'done', value: [] }
    const answer = await this.#driver.blocked()
    return answer.kind === 'done' ? { kind: 'done', value: answer.sources } : answer
  }

  async block(
    { id }: ConfiguredProfile,
    sources: readonly string[],
    seconds: readonly number[],
  ): Promise<Got<null>> {
    const answer = await this.#driver.block(id, sources, seconds)
    return answer.kind === 'done' ? { kind: 'done', value: null } : answer
  }

  async unblock({ id }: ConfiguredProfile, sources: readonly string[]): Promise<Got<number>> {
    const answer = await this.#driver.unblock(id, sources)
    return answer.kind === 'done' ? { kind: 'done', value: answer.count } : answer
  }

  owed(): number {
    return 0
  }

  /** Another one when the settings are others: it takes over the table that is there. */
  #current(): Nftables {
    const { hook, devices, sourcesMax, maySetKernel, program, managementPrefixes } = this.#config()
    const all = [...new Set([...this.#managementPrefixes(), ...managementPrefixes])]
    const settings = JSON.stringify({ hook, devices, sourcesMax, maySetKernel, program, all })
    if (settings === this.#settings) return this.#driver
    this.#settings = settings
    this.#last = undefined
    const place = { hook, devices, managementPrefixes: all, sourcesMax }
    this.#driver = new Nftables({ place, run: nftProgram(program), maySetKernel })
    return this.#driver
  }

  #told({ desired }: Wish): DesiredProfile[] {
    return desired.filter(({ isOn }) => isOn || this.#config().followsConnections)
  }
}

/** Of the same configuration, and nothing in it is otherwise. */
const isSameWish = (one: Wish, other: Wish): boolean =>
  one.profiles.length === other.profiles.length &&
  one.profiles.every((profile, at) => profile === other.profiles[at]) &&
  saysOf(one) === saysOf(other)

/** What attacks and operators change of profiles. */
const saysOf = ({ desired }: Wish): string =>
  JSON.stringify(desired.map(({ isOn, modes, profile }) => [isOn, modes, profile.parameters.filter]))
