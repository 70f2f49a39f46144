// The daemon as the API sees it: facts for whoever asks, and bans by hand with the caller in the audit.

import { reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import { inspect, type Rail, type Rails } from '#6-policy/guardrail.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { AttackReport, Attacks, AttacksQuery } from '#api/contract/attack.ts'
import type { Audit, AuditQuery } from '#api/contract/audit.ts'
import type { Ban, BanRequest, Bans, BansQuery } from '#api/contract/ban.ts'
import type { Health } from '#api/contract/health.ts'
import type { Status } from '#api/contract/status.ts'
import type { Traffic, TrafficQuery } from '#api/contract/traffic.ts'
import type { BanRefusal, Caller, Control, Done, UnbanRefusal } from '#api/control.ts'
import { presentAttack, presentBan } from '#api/present-attack.ts'
import { assert } from '#lib/assert.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { ScreenConfig } from '#tui/config.ts'
import type { AttackBook, AttackEntry } from './attack-book.ts'
import type { StatusView } from './status-view.ts'
import type { TrafficView } from './traffic-view.ts'

/** What the control room needs of the daemon. */
export interface Daemon {
  readonly book: AttackBook
  readonly store: MitigationStore
  readonly traffic: TrafficView
  readonly status: StatusView
  rails(): Rails
  isBanned(host: string): boolean
  ban(host: string, seconds: number | undefined, who: Actor): void
  unban(host: string, who: Actor): void
  readonly banSeconds: number
  readonly screen: ScreenConfig
  now(): number
}

/** The newest bans on the screen. */
const SCREEN_BANS_MAX = 1000

const REFUSAL_OF: Readonly<Record<Rail, BanRefusal>> = {
  'default-route': 'refused-by-policy',
  'outside-networks': 'outside-networks',
  management: 'protected-host',
  whitelist: 'protected-host',
  'bans-max': 'too-many-bans',
}

export class ControlRoom implements Control {
  readonly #daemon: Daemon

  constructor(daemon: Daemon) {
    this.#daemon = daemon
  }

  status(): Status {
    return this.#daemon.status.read(this.#daemon.book.openCount)
  }

  health(): Health {
    return this.#daemon.status.health()
  }

  traffic(query: TrafficQuery): Traffic {
    const { traffic, status, book, screen } = this.#daemon
    const { sort = screen.sort, limit = screen.rows } = query
    const open = book.list('open')
    return {
      ...status.screenFacts(),
      sort,
      limit,
      redrawSeconds: screen.redrawSeconds,
      ...traffic.read(sort, limit),
      bansTotal: open.length,
      bans: open.slice(0, SCREEN_BANS_MAX).map(({ attack, decision }) => {
        const { host, direction, peak, openedAt } = presentBan(attack, decision)
        return { host, direction, peak, openedAt }
      }),
    }
  }

  attacks({ state, limit }: AttacksQuery): Attacks {
    const entries = this.#daemon.book.list(state)
    return { attacks: entries.slice(0, limit).map(entry => this.#present(entry)), total: entries.length }
  }

  attack(id: string): AttackReport | undefined {
    const entry = this.#daemon.book.get(id)
    return entry && reportJson(reportOf(entry), { headers: true })
  }

  bans({ limit }: BansQuery): Bans {
    const open = this.#daemon.book.list('open')
    return {
      bans: open.slice(0, limit).map(({ attack, decision }) => presentBan(attack, decision)),
      total: open.length,
    }
  }

  ban(request: BanRequest, by: Caller): Done<Ban, BanRefusal> {
    const { host, seconds, reason } = request
    const who = actorOf(by)
    if (this.#daemon.isBanned(host))
      return this.#refuse(who, host, 'already-banned', `${host} is banned already`)
    const refusal = inspect(host, this.#daemon.rails()).find(verdict => !verdict.allowed)
    if (refusal !== undefined) return this.#refuse(who, host, REFUSAL_OF[refusal.rail], refusal.reason)
    this.#record(who, host, 'done', `ban by hand${reason === undefined ? '' : `: ${reason}`}`)
    this.#daemon.ban(host, seconds ?? this.#daemon.banSeconds, who)
    return { kind: 'done', value: this.#banOf(host) }
  }

  unban(host: string, by: Caller): Done<Ban, UnbanRefusal> {
    const who = actorOf(by)
    if (!this.#daemon.isBanned(host)) return this.#refuse(who, host, 'not-banned', `${host} is under no ban`)
    const ban = this.#banOf(host)
    this.#record(who, host, 'done', 'unban by hand')
    this.#daemon.unban(host, who)
    return { kind: 'done', value: ban }
  }

  audit({ limit }: AuditQuery): Audit {
    const entries = this.#daemon.store.audit().slice(-limit).reverse()
    return {
      entries: entries.map(({ at, mitigationId, ...entry }) => ({
        ...entry,
        at: new Date(at).toISOString(),
        ...(mitigationId === undefined ? {} : { mitigationId }),
      })),
    }
  }

  #present({ attack, decision }: AttackEntry): Attacks['attacks'][number] {
    return presentAttack(attack, decision, this.#daemon.store.ofAttack(attack.id))
  }

  #banOf(host: string): Ban {
    const entry = this.#daemon.book.list('open').find(({ attack }) => attack.host === host)
    assert(entry !== undefined, 'a banned host has an open attack')
    return presentBan(entry.attack, entry.decision)
  }

  #refuse<Code extends string>(who: Actor, target: string, code: Code, detail: string) {
    this.#record(who, target, 'refused', detail)
    return { kind: 'refused' as const, code, detail }
  }

  #record(who: Actor, target: string, outcome: 'done' | 'refused', reason: string): void {
    const { store } = this.#daemon
    const at = this.#daemon.now()
    store.record({ at, who, what: 'decide', target, attackId: '', mitigationId: undefined, outcome, reason })
  }
}

/** Who asked, as far as the kernel says; a caller without a name passes for root, who alone could hide it. */
const actorOf = (by: Caller): Actor => `uid:${by.uid ?? 0}`

/** Text that the contract has checked already. */
export function addressOf(host: string) {
  const address = parseAddress(host)
  assert(address !== undefined, 'the contract lets only addresses through')
  return address
}
