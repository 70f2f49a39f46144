// What people and programs ask about protection, answered by the room: views, switches by hand, blocks, backups and incidents.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import { makeBackup, type ProtectionBackup, readBackup } from '#7-mitigation/protection/backup.ts'
import { type ConfiguredProfile, countermeasuresOf } from '#7-mitigation/protection/configured-profile.ts'
import type {
  Answered,
  BlockedView,
  BlockOrder,
  LookedUpPacket,
  Previewed,
  ProfileView,
  ProtectionDesk,
  ProtectionStatus,
  RefusalCode,
  Restored,
  SwitchOrder,
} from '#7-mitigation/protection/desk.ts'
import { Holders, SWITCHES_MAX, type Switch } from '#7-mitigation/protection/holders.ts'
import { type Incident, isTag } from '#7-mitigation/protection/incident.ts'
import { profileView, stillHeldText } from '#7-mitigation/protection/profile-view.ts'
import type { Carried } from './back-end.ts'
import { profileForPacket } from './profile-for-packet.ts'
import type { ProtectionRoom } from './protection-room.ts'
import { readSources } from './sources.ts'

const DAY_SECONDS = 86_400
const YEAR_SECONDS = 365 * DAY_SECONDS

type Refused = Extract<Answered<never>, { kind: 'refused' }>

export class RoomDesk implements ProtectionDesk {
  readonly #room: ProtectionRoom
  readonly #now: () => number

  constructor(room: ProtectionRoom, now: () => number) {
    this.#room = room
    this.#now = now
  }

  status(): ProtectionStatus {
    const room = this.#room
    const general = room.profiles.find(({ isDefault }) => isDefault)?.id
    const missing =
      general === undefined && room.profiles.length > 0
        ? ['there is no general protection: set isDefault: true for one protection profile']
        : []
    const backEnds = (['nftables', 'mitigator'] as const).flatMap(name => {
      const carrying = room.carrying(name)
      if (carrying === undefined) return []
      const { backEnd, keeper } = carrying
      const carried = room.isArmed ? keeper.state : 'dry-run'
      return [
        { name, place: backEnd.place, carried, problems: keeper.problems, owed: backEnd.owed() },
      ] as const
    })
    return {
      ...{ isArmed: room.isArmed, backEnds, warnings: [...missing, ...room.warnings()] },
      ...(general === undefined ? {} : { defaultProfile: general }),
    }
  }

  profiles(): readonly ProfileView[] {
    return this.#views(this.#room.profiles)
  }

  profile(id: string): ProfileView | undefined {
    const profile = this.#room.profile(id)
    return profile === undefined ? undefined : this.#views([profile])[0]
  }

  profileFor(packet: LookedUpPacket): ProfileView | undefined {
    const found = profileForPacket(this.#room.profiles, packet)
    return found === undefined ? undefined : this.#views([found])[0]
  }

  async switch(order: SwitchOrder, who: Actor): Promise<Answered<ProfileView>> {
    const refusal = this.#refusalOf(order)
    if (refusal !== undefined) return refusal
    const { profile: id, countermeasure, mode, ttlSeconds } = order
    const what = countermeasure === undefined ? `profile ${id}` : `${countermeasure} of profile ${id}`
    const room = this.#room
    if (!this.#set(room.holders, order, who))
      return refuse('full', `${SWITCHES_MAX} switches stand by hand already`, 'set some back to configured')
    const until = ttlSeconds === undefined ? '' : ` for ${ttlSeconds} s`
    const deed = `${what}: ${mode}${until}${becauseOf(order.reason)}`
    room.record(id, who, deed, room.isArmed ? 'done' : 'dry-run')
    const problems = problemsOf(await room.changed(room.profile(id)?.backEnd))
    const view = this.profile(id)
    if (view === undefined)
      return refuse('unknown-profile', `profile ${id} is gone meanwhile`, 'list the profiles')
    const shown =
      countermeasure === undefined ? view : view.countermeasures.find(({ name }) => name === countermeasure)
    const held =
      shown === undefined ? undefined : stillHeldText(shown, what, mode === 'configured' ? 'off' : mode)
    const notes = [...this.#dryNotes(), ...(held === undefined ? [] : [held]), ...problems]
    return { kind: 'done', value: view, notes }
  }

  async block(order: BlockOrder, who: Actor): Promise<Answered<readonly BlockedView[]>> {
    const { profile: id, ttlSeconds } = order
    const found = this.#listOf(id, order.sources)
    if (found.kind === 'refused') return found
    if (
      ttlSeconds !== undefined &&
      (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > DAY_SECONDS)
    )
      return refuse('bad-ttl', `a block of ${ttlSeconds} s`, `write a whole number from 1 to ${DAY_SECONDS}`)
    const { profile, sources } = found
    const room = this.#room
    if (!room.isArmed)
      return refuse('not-possible', 'nothing is armed, so nothing is blocked', 'arm Floodwarden first')
    const seconds =
      ttlSeconds === undefined ? room.blockSeconds(profile, sources) : sources.map(() => ttlSeconds)
    const done = await room.carrying(profile.backEnd)?.backEnd.block(profile, sources, seconds)
    if (done?.kind !== 'done') return this.#undone(done)
    room.record(id, who, `blocked ${sourcesText(sources)}${becauseOf(order.reason)}`)
    const value = sources.map((source, at): BlockedView => {
      return {
        profile: id,
        countermeasure: 'temporary-blacklist',
        source,
        remainingSeconds: seconds[at] ?? 0,
      }
    })
    return { kind: 'done', value, notes: [] }
  }

  async unblock(order: Omit<BlockOrder, 'ttlSeconds'>, who: Actor): Promise<Answered<number>> {
    const found = this.#listOf(order.profile, order.sources, false)
    if (found.kind === 'refused') return found
    const { profile, sources } = found
    const done = await this.#room.carrying(profile.backEnd)?.backEnd.unblock(profile, sources)
    if (done?.kind !== 'done') return this.#undone(done)
    this.#room.forgive(profile.id, sources)
    const deed = `let go of ${sourcesText(sources)}, of which ${done.value} were blocked`
    this.#room.record(profile.id, who, deed + becauseOf(order.reason))
    return { kind: 'done', value: done.value, notes: [] }
  }

  async blocked(profile?: string): Promise<Answered<readonly BlockedView[]>> {
    if (profile !== undefined && this.#room.profile(profile) === undefined) return unknown(profile)
    const notes: string[] = []
    const value: BlockedView[] = []
    for (const name of ['nftables', 'mitigator'] as const) {
      const got = await this.#room.carrying(name)?.backEnd.blocked()
      if (got?.kind === 'failed') return got
      if (got?.kind === 'impossible') notes.push(got.error)
      for (const one of got?.kind === 'done' ? got.value : [])
        if (profile === undefined || one.profile === profile) value.push(one)
    }
    return { kind: 'done', value, notes }
  }

  async counters(profile?: string): Promise<Answered<readonly ProfileView[]>> {
    if (profile !== undefined && this.#room.profile(profile) === undefined) return unknown(profile)
    await this.#room.readNow()
    const value = this.profiles().filter(({ id }) => profile === undefined || id === profile)
    return { kind: 'done', value, notes: [] }
  }

  preview(order?: SwitchOrder): Promise<Answered<Previewed>> {
    const room = this.#room
    const refusal = order === undefined ? undefined : this.#refusalOf(order)
    if (refusal !== undefined) return Promise.resolve(refusal)
    const holders = new Holders()
    holders.adopt({
      switches: room.holders.switches,
      needs: room.profiles.flatMap(({ id }) => room.holders.needsOf(id)),
    })
    if (order !== undefined) this.#set(holders, order, 'floodwarden')
    const parts = (['nftables', 'mitigator'] as const).flatMap(name => {
      const carrying = room.carrying(name)
      const isMeant = order === undefined || room.profile(order.profile)?.backEnd === name
      return carrying === undefined || !isMeant ? [] : [carrying.backEnd.preview(room.wishOf(name, holders))]
    })
    const text = parts.length === 0 ? '# there is no protection profile\n' : parts.join('')
    return Promise.resolve({ kind: 'done', value: { text }, notes: [] })
  }

  backup(): ProtectionBackup {
    return makeBackup(this.#room.profiles, this.#room.holders.switches, this.#now())
  }

  async restore(
    document: unknown,
    replaces: boolean,
    who: Actor,
    reason?: string,
  ): Promise<Answered<Restored>> {
    const room = this.#room
    const read = readBackup(document, room.profiles, this.#now())
    if (read.kind === 'refused')
      return refuse('bad-backup', read.problems.slice(0, 10).join('; '), 'nothing was changed')
    const before = room.holders.switches
    if (before.length > 0 && !replaces)
      return refuse(
        'not-clean',
        `${before.length} switches stand by hand`,
        'set them back first, or replace them',
      )
    for (const { profile, countermeasure } of before) room.holders.unswitch(profile, countermeasure)
    for (const one of read.switches) room.holders.switch(one)
    const deed = `restored ${read.switches.length} switches, ${before.length} were replaced`
    room.record('', who, deed + becauseOf(reason), room.isArmed ? 'done' : 'dry-run')
    const problems = problemsOf(await room.changed())
    return {
      kind: 'done',
      value: { switches: read.switches.length },
      notes: [...this.#dryNotes(), ...read.notes, ...problems],
    }
  }

  incidents(limit?: number): readonly Incident[] {
    return this.#room.incidents.list(limit)
  }

  tag(id: string, tags: readonly string[], who: Actor): Answered<Incident> {
    const wrong = tags.find(tag => !isTag(tag))
    if (wrong !== undefined || tags.length === 0)
      return refuse(
        'bad-tag',
        `${JSON.stringify((wrong ?? '').slice(0, 70))} is no tag`,
        'write one such as customer:7',
      )
    const value = this.#room.incidents.tag(id, tags)
    if (value === undefined)
      return refuse('unknown-incident', `there is no incident ${id.slice(0, 80)}`, 'list the incidents')
    this.#room.record(value.profile, who, `incident ${value.id}: tagged ${tags.join(' ')}`)
    return { kind: 'done', value, notes: [] }
  }

  #views(profiles: readonly ConfiguredProfile[]): ProfileView[] {
    const room = this.#room
    const desired = room.holders.desired(profiles)
    return profiles.flatMap((profile, at) => {
      const one = desired[at]
      if (one === undefined) return []
      const keeper = room.carrying(profile.backEnd)?.keeper
      return [
        profileView(profile, room.holders, {
          ...{ desired: one, sinceMs: room.sinceOf(profile.id), endOf: key => room.endOf(key) },
          carried: room.isArmed ? (keeper?.state ?? 'waiting') : 'dry-run',
          problems: room.isArmed ? (keeper?.problems ?? []) : [],
          ...{ counters: room.counters.of(profile.id), thresholds: room.thresholds.standingOf(profile.id) },
        }),
      ]
    })
  }

  #dryNotes(): string[] {
    return this.#room.isArmed ? [] : ['dry run: it is carried out when Floodwarden is armed']
  }

  #set(holders: Holders, { profile, countermeasure, mode, ttlSeconds }: SwitchOrder, who: Actor): boolean {
    if (mode === 'configured') {
      holders.unswitch(profile, countermeasure)
      return true
    }
    const sinceMs = this.#now()
    const until = ttlSeconds === undefined ? {} : { untilMs: sinceMs + ttlSeconds * 1000 }
    const order: Switch = { profile, countermeasure, mode, who, sinceMs, ...until }
    return holders.switch(order)
  }

  #refusalOf({ profile: id, countermeasure, ttlSeconds }: SwitchOrder): Refused | undefined {
    const profile = this.#room.profile(id)
    if (profile === undefined) return unknown(id)
    if (countermeasure !== undefined && !countermeasuresOf(profile).includes(countermeasure))
      return without(id, countermeasure)
    if (
      ttlSeconds === undefined ||
      (Number.isSafeInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= YEAR_SECONDS)
    )
      return undefined
    return refuse('bad-ttl', `a switch for ${ttlSeconds} s`, `write a whole number from 1 to ${YEAR_SECONDS}`)
  }

  #listOf(
    id: string,
    texts: readonly string[],
    needsList = true,
  ):
    | Refused
    | { readonly kind: 'found'; readonly profile: ConfiguredProfile; readonly sources: readonly string[] } {
    const profile = this.#room.profile(id)
    if (profile === undefined) return unknown(id)
    if (needsList && !countermeasuresOf(profile).includes('temporary-blacklist'))
      return without(id, 'temporary-blacklist')
    const read = readSources(texts)
    if (read.kind === 'wrong')
      return refuse('bad-source', read.error, 'write IPv4 addresses, and IPv6 prefixes of 64 bits')
    return { kind: 'found', profile, sources: read.sources }
  }

  #undone(
    got: { readonly kind: 'failed' | 'impossible'; readonly error: string } | undefined,
  ): Answered<never> {
    if (got === undefined)
      return refuse('not-possible', 'nobody carries this profile out', 'look at the status')
    return got.kind === 'failed'
      ? { kind: 'failed', error: got.error }
      : refuse('not-possible', got.error, 'do it there')
  }
}

const refuse = (code: RefusalCode, error: string, advice: string): Refused => ({
  kind: 'refused',
  code,
  error,
  advice,
})

const unknown = (id: string): Refused =>
  refuse(
    'unknown-profile',
    `there is no protection profile ${JSON.stringify(id.slice(0, 80))}`,
    'list the profiles',
  )

const without = (id: string, name: CountermeasureName): Refused =>
  refuse(
    'no-countermeasure',
    `profile ${id} has no ${name}`,
    `add it to protection.profiles.${id}.countermeasures`,
  )

const problemsOf = (all: readonly Carried[]): string[] =>
  all.flatMap(one =>
    one.kind === 'failed' ? [`not carried out yet, it is tried again: ${one.error}`] : one.notes,
  )

const becauseOf = (reason: string | undefined): string => (reason === undefined ? '' : ` (${reason})`)

const SHOWN_MAX = 10

function sourcesText(sources: readonly string[]): string {
  const more = sources.length - SHOWN_MAX
  return sources.slice(0, SHOWN_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
