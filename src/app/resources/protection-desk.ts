// Protection as the API sees it: whoever is confined to customers or networks meets only profiles that cover nobody else.

import type {
  Answered,
  ProfileView,
  ProtectionDesk as Protection,
  RefusalCode,
} from '#7-mitigation/protection/desk.ts'
import type { Incidents, IncidentsQuery, TagRequest } from '#api/contract/incidents.ts'
import {
  type BlockedQuery,
  type BlockedSources,
  type BlockRequest,
  type LookupRequest,
  type ProtectionBackup,
  type ProtectionCounters,
  type ProtectionPreviewRequest,
  protectionBackupSchema,
  type RestoreRequest,
  type SwitchRequest,
  type UnblockRequest,
} from '#api/contract/protection-requests.ts'
import type { Caller, Done } from '#api/control.ts'
import {
  presentBlocked,
  presentCounters,
  presentIncident,
  presentProfile,
  presentProtection,
} from '#api/present-protection.ts'
import type { ProtectionDesk as Desk, ProtectionRefusal } from '#api/protection-desk.ts'
import { overlaps, parsePrefix } from '#lib/ip/prefix.ts'
import { actorOf } from '../actor.ts'
import { isConfined, type Reach } from './reach.ts'

export interface ProtectionDeskOptions {
  readonly protection: Protection
  readonly reach: Reach
}

const CODES = {
  'unknown-profile': 'unknown-profile',
  'no-countermeasure': 'no-countermeasure',
  'unknown-incident': 'unknown-incident',
  'bad-source': 'invalid-request',
  'bad-ttl': 'invalid-request',
  'bad-tag': 'invalid-request',
  full: 'protection-full',
  'not-clean': 'protection-not-clean',
  'bad-backup': 'bad-protection-backup',
  'not-possible': 'protection-not-possible',
} as const satisfies Record<RefusalCode, ProtectionRefusal>

type Refused = Extract<Done<never, ProtectionRefusal>, { kind: 'refused' }>

export class ProtectionDesk implements Desk {
  readonly #protection: Protection
  readonly #reach: Reach

  constructor({ protection, reach }: ProtectionDeskOptions) {
    this.#protection = protection
    this.#reach = reach
  }

  overview(by: Caller) {
    const { backEnds, warnings, ...status } = this.#protection.status()
    // Sentences may be about profiles of others.
    const told = isConfined(by)
      ? { backEnds: backEnds.map(backEnd => ({ ...backEnd, problems: [] })), warnings: [] }
      : { backEnds, warnings }
    return presentProtection({ ...status, ...told }, this.#visible(by))
  }

  profile(id: string, by: Caller) {
    const view = this.#find(id, by)
    return view && presentProfile(view)
  }

  async switch({ id, ...order }: SwitchRequest, by: Caller) {
    if (this.#find(id, by) === undefined) return unknownProfile(id)
    const answered = await this.#protection.switch({ profile: id, ...order }, actorOf(by))
    return done(answered, (view, notes) => ({ profile: presentProfile(view), notes }))
  }

  async blocked({ profile, source, limit }: BlockedQuery, by: Caller) {
    if (profile !== undefined && this.#find(profile, by) === undefined) return unknownProfile(profile)
    const ids = new Set(this.#visible(by).map(({ id }) => id))
    const wanted = source === undefined ? undefined : parsePrefix(source)
    return done(await this.#protection.blocked(profile), (all): BlockedSources => {
      const fitting = all.filter(one => {
        const blocked = wanted && parsePrefix(one.source)
        const isWanted = wanted === undefined || (blocked !== undefined && overlaps(wanted, blocked))
        return ids.has(one.profile) && isWanted
      })
      const sorted = fitting.toSorted((a, b) => b.remainingSeconds - a.remainingSeconds)
      return { sources: sorted.slice(0, limit).map(presentBlocked), total: fitting.length }
    })
  }

  async block({ id, ...order }: BlockRequest, by: Caller) {
    if (this.#find(id, by) === undefined) return unknownProfile(id)
    const answered = await this.#protection.block({ profile: id, ...order }, actorOf(by))
    return done(answered, (blocked, notes) => ({ sources: blocked.map(presentBlocked), notes }))
  }

  async unblock({ id, source, reason }: UnblockRequest, by: Caller) {
    if (this.#find(id, by) === undefined) return unknownProfile(id)
    const order = { profile: id, sources: [source], reason }
    return done(await this.#protection.unblock(order, actorOf(by)), count => ({
      ...{ source, wasBlocked: count > 0 },
    }))
  }

  async counters(profile: string | undefined, by: Caller) {
    if (profile !== undefined && this.#find(profile, by) === undefined) return unknownProfile(profile)
    const answered = await this.#protection.counters(profile)
    return done(
      answered,
      (views): ProtectionCounters => ({
        counters: views.filter(view => this.#sees(view, by)).flatMap(countersOf),
      }),
    )
  }

  async preview({ profile, countermeasure, mode }: ProtectionPreviewRequest) {
    const order = profile === undefined || mode === undefined ? undefined : { profile, countermeasure, mode }
    return done(await this.#protection.preview(order), ({ text }, notes) => ({ text, notes }))
  }

  lookUp(packet: LookupRequest, by: Caller) {
    const view = this.#reach.sees(by, packet.target) ? this.#protection.profileFor(packet) : undefined
    return view !== undefined && this.#sees(view, by) ? presentProfile(view) : undefined
  }

  backup(): ProtectionBackup {
    // Plain data; what is not there is left out as JSON leaves it out.
    return protectionBackupSchema.parse(JSON.parse(JSON.stringify(this.#protection.backup())))
  }

  async restore({ backup, replaces, reason }: RestoreRequest, by: Caller) {
    const answered = await this.#protection.restore(backup, replaces, actorOf(by), reason)
    return done(answered, ({ switches }, notes) => ({ switches, notes }))
  }

  incidents({ limit, profile }: IncidentsQuery, by: Caller): Incidents {
    const ids = new Set(this.#visible(by).map(({ id }) => id))
    const fitting = this.#protection
      .incidents()
      .filter(one => ids.has(one.profile) && (profile === undefined || one.profile === profile))
    return { incidents: fitting.slice(0, limit).map(presentIncident) }
  }

  tag({ id, tags }: TagRequest, by: Caller) {
    const known = this.#protection.incidents().find(one => one.id === id)
    if (known === undefined || this.#find(known.profile, by) === undefined)
      return { kind: 'refused', code: 'unknown-incident', detail: id } as const
    return done(this.#protection.tag(id, tags, actorOf(by)), presentIncident)
  }

  #visible(by: Caller): readonly ProfileView[] {
    return this.#protection.profiles().filter(view => this.#sees(view, by))
  }

  #find(id: string, by: Caller): ProfileView | undefined {
    const view = this.#protection.profile(id)
    return view !== undefined && this.#sees(view, by) ? view : undefined
  }

  /** General protection is about whatever nobody else covers. */
  #sees({ prefixes, isDefault }: ProfileView, by: Caller): boolean {
    return !(isDefault && isConfined(by)) && this.#reach.seesAll(by, prefixes)
  }
}

const unknownProfile = (detail: string): Refused => ({ kind: 'refused', code: 'unknown-profile', detail })

function done<Value, Shown>(
  answered: Answered<Value>,
  show: (value: Value, notes: string[]) => Shown,
): Done<Shown, ProtectionRefusal> {
  switch (answered.kind) {
    case 'done':
      return { kind: 'done', value: show(answered.value, [...answered.notes]) }
    case 'refused': {
      const { error, advice } = answered
      const detail = advice === '' ? error : `${error}: ${advice}`
      return { kind: 'refused', code: CODES[answered.code], detail }
    }
    case 'failed':
      return { kind: 'refused', code: 'protection-failed', detail: answered.error }
  }
}

const countersOf = ({ id, countermeasures }: ProfileView) =>
  countermeasures.flatMap(({ name, mode, counters }) =>
    counters === undefined ? [] : [{ profile: id, countermeasure: name, mode, ...presentCounters(counters) }],
  )
