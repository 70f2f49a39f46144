// Protection at a MITIGATOR: each attacked host, and each profile that is on without one, holds the policy it is in and its
// countermeasures; what nobody holds is put back as it was found.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import { type Wish as HoldWish, owed } from '#8-enforcement/mitigator/holds.ts'
import { codeOf } from '#8-enforcement/mitigator/words.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { type OpenMitigator, openMitigator } from '../mitigator/open-driver.ts'
import type { SettledMitigator } from '../mitigator/settings.ts'
import type { BackEnd, Carried, Counted, Got, Listed, Wish } from './back-end.ts'

const UNCOUNTED = 'MITIGATOR shows its counters and lists on its own pages'

export class MitigatorBackEnd implements BackEnd {
  readonly name = 'mitigator'
  readonly #settle: () => SettledMitigator
  #owed = 0

  /** Settings as they are in force; the password is read anew each time, for it may have been changed. */
  constructor(settle: () => SettledMitigator) {
    this.#settle = settle
  }

  get place(): string {
    const settled = this.#settle()
    return settled.kind === 'settings'
      ? `${settled.settings.origin} as ${settled.settings.username}`
      : 'nowhere'
  }

  apply(wish: Wish): Promise<Carried> {
    const { wishes, notes } = this.#wishesOf(wish)
    return this.#hold(wishes, notes)
  }

  remove(): Promise<Carried> {
    return this.#hold(new Map(), [])
  }

  preview(wish: Wish): string {
    const { wishes, notes } = this.#wishesOf(wish)
    const lines = [...wishes].map(([name, { policy, switches }]) => {
      const where = policy === undefined ? 'its policy' : `policy ${policy}`
      return `${name}: ${switches.join(', ')} of ${where} on\n`
    })
    const told = [...notes.map(note => `# ${note}\n`), ...lines]
    return told.length === 0 ? '# nothing is desired\n' : told.join('')
  }

  counts(): Promise<Got<readonly Counted[]>> {
    return Promise.resolve({ kind: 'impossible', error: UNCOUNTED })
  }

  blocked(): Promise<Got<readonly Listed[]>> {
    return Promise.resolve({ kind: 'impossible', error: UNCOUNTED })
  }

  async block(
    profile: ConfiguredProfile,
    sources: readonly string[],
    seconds: readonly number[],
  ): Promise<Got<null>> {
    const opened = this.#open(() => {})
    if ('problem' in opened) return { kind: 'failed', error: opened.problem }
    const target = parsePrefix(profile.prefixes[0] ?? '')
    if (target === undefined) return { kind: 'failed', error: `the profile ${profile.id} covers nothing` }
    const bySeconds = Map.groupBy(sources.entries(), ([at]) => seconds[at] ?? USUAL_SECONDS)
    for (const [ttl, some] of bySeconds) {
      const prefixes = some.flatMap(([, text]) => parsePrefix(text) ?? [])
      const answer = await opened.driver.block(target, prefixes, ttl)
      if (answer.kind !== 'done') return { kind: 'failed', error: answer.error }
    }
    return { kind: 'done', value: null }
  }

  unblock(): Promise<Got<number>> {
    return Promise.resolve({
      kind: 'impossible',
      error: 'MITIGATOR lets go of blocked sources on its own pages only',
    })
  }

  owed(): number {
    return this.#owed
  }

  async #hold(wishes: ReadonlyMap<string, HoldWish>, notes: readonly string[]): Promise<Carried> {
    const problems: string[] = []
    let isChanged = false
    const opened = this.#open((level, text) => {
      if (level === 'info') isChanged ||= / (?:on|off)$/.test(text)
      else problems.push(text)
    })
    if ('problem' in opened) return { kind: 'failed', error: opened.problem }
    const outcome = await opened.driver.holdExactly(wishes)
    this.#owed = owed(opened.keeper.read()).length
    if (outcome === 'done') return { kind: 'done', isChanged, notes: [...notes, ...problems] }
    return { kind: 'failed', error: problems.slice(0, 5).join('; ') || `it is ${outcome}` }
  }

  #open(tell: Parameters<typeof openMitigator>[1]): OpenMitigator | { readonly problem: string } {
    const settled = this.#settle()
    return settled.kind === 'problems'
      ? { problem: settled.problems.join('; ') }
      : openMitigator(settled.settings, tell, performance.now())
  }

  #wishesOf({ profiles, desired, needs }: Wish) {
    const wishes = new Map<string, HoldWish>()
    const notes: string[] = []
    const settled = this.#settle()
    const announces = settled.kind === 'settings' && settled.settings.announces
    for (const [at, profile] of profiles.entries()) {
      const one = desired[at]
      if (one === undefined || !one.isOn) continue
      const own = needs.filter(need => need.profile === profile.id)
      const isWatching = isOnlyWatched(one)
      for (const name of Object.keys(one.modes) as CountermeasureName[])
        if (one.modes[name] === 'monitor' && !isWatching)
          notes.push(`profile ${profile.id}: MITIGATOR has no monitor mode for ${name} alone: it is left off`)
      const standing = ['state', ...(announces ? ['announce'] : []), ...(isWatching ? ['monitor'] : [])]
      const wish = (
        target: Prefix,
        names: readonly CountermeasureName[],
        protocol: HoldWish['protocol'],
      ): void => {
        const key = formatAddress(target)
        const before = wishes.get(key)?.switches ?? []
        const codes = names.flatMap(name => {
          const code = codeOf(name, target.family)
          if (code === undefined) notes.push(`profile ${profile.id}: MITIGATOR has no ${name} for a policy`)
          return code ?? []
        })
        const switches = [...new Set([...before, ...standing, ...codes])]
        wishes.set(key, {
          protocol,
          switches,
          ...(profile.policy === undefined ? {} : { policy: profile.policy }),
        })
      }
      for (const { target, countermeasure, protocol = 'udp' } of own) {
        const prefix = parsePrefix(target)
        if (prefix !== undefined)
          wish(prefix, isWatching || one.modes[countermeasure] === 'on' ? [countermeasure] : [], protocol)
      }
      // What is on without an attack is so for whoever is in the policy of the first address.
      const first = parsePrefix(profile.prefixes[0] ?? '')
      const needed = own.map(({ countermeasure }) => countermeasure)
      const byHand = byHandOf(one, needed, isWatching)
      if (first !== undefined && (own.length === 0 || byHand.length > 0)) wish(first, byHand, 'udp')
    }
    return { wishes, notes: [...new Set(notes)] }
  }
}

const USUAL_SECONDS = 60

/** All that would be on is only counted. */
const isOnlyWatched = ({ modes: { whitelist: _whitelist, ...dropping } }: DesiredProfile): boolean =>
  Object.values(dropping).includes('monitor') && !Object.values(dropping).includes('on')

const byHandOf = ({ modes }: DesiredProfile, needed: readonly CountermeasureName[], isWatching: boolean) =>
  (Object.keys(modes) as CountermeasureName[]).filter(
    name => (modes[name] === 'on' || (isWatching && modes[name] === 'monitor')) && !needed.includes(name),
  )
