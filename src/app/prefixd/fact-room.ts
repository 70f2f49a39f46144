// What prefixd's API tells of the daemon and changes nothing of.

import type { Inventory } from '#6-policy/inventory.ts'
import { isHeld } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Status } from '#api/contract/status.ts'
import type { Counts, FactRoom, Moment, PopCount } from '#compat/prefixd/api/desk.ts'
import { ruleFactsOf } from '#compat/prefixd/api/record-facts.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { AttackBook } from '../attack-book.ts'
import type { StateRoom } from '../state/state-room.ts'

export interface FactRoomOptions {
  readonly book: AttackBook
  readonly store: Pick<MitigationStore, 'ofAttack'>
  readonly state: Pick<StateRoom, 'look' | 'problem'>
  readonly inventory: () => Inventory | undefined
  readonly status: () => Promise<Pick<Status, 'uptimeSeconds' | 'enforcers'>>
  /** Groups of reports; only what waits for them is asked. */
  readonly groups: { readonly waiting: readonly { readonly source: string }[] }
  readonly pop: string
  readonly authMode: () => string
  readonly version: string
  readonly now: () => number
}

/** All that was kept is counted at most once in so long. */
const COUNTED_MS = 5000

export function factRoom(options: FactRoomOptions): FactRoom {
  const { book, store, state, inventory, now, pop } = options
  let counted: { readonly at: number; readonly counts: Promise<Counts> } | undefined
  const active = () => book.open.filter(({ id }) => store.ofAttack(id).some(isHeld))
  const popOf = (host: string): string => {
    const address = parseAddress(host.split('/')[0] ?? host)
    return (address && inventory()?.find(address)?.pop?.id) ?? pop
  }
  const hasAny = ({ id }: { readonly id: string }) => store.ofAttack(id).length > 0
  const numberOf = async (what: 'events' | 'mitigated-attacks') => {
    const rows = await state.look('histogram', { what, since: 0 }).catch(() => [])
    return rows.reduce((sum, { count }) => sum + count, 0)
  }
  const count = async (): Promise<Counts> => {
    const [events, past] = await Promise.all([numberOf('events'), numberOf('mitigated-attacks')])
    const open = book.open.filter(hasAny)
    const mitigations = past + open.length
    return {
      ...{ active: active().length, mitigations, events },
      pops: byPop(options, popOf, mitigations),
    }
  }
  return {
    pop,
    now,
    version: () => ({ version: options.version, authMode: options.authMode() }),
    health: async () => {
      const { uptimeSeconds, enforcers } = await options.status()
      const sessions = enforcers.flatMap(enforcer => enforcer.sessions)
      const isLost = sessions.some(({ state: word }) => word === 'unknown')
      return {
        ...{ version: options.version, authMode: options.authMode(), pop, uptimeSeconds },
        bgpSessions: Object.fromEntries(
          sessions.map(({ address, state: word }) => [address, word === 'unknown' ? 'idle' : word]),
        ),
        active: active().length,
        stateProblem: state.problem,
        speakerProblem: isLost ? 'the BGP daemon cannot be asked' : undefined,
      }
    },
    counts: () => {
      if (counted === undefined || now() - counted.at >= COUNTED_MS || now() < counted.at)
        counted = { at: now(), counts: count() }
      return counted.counts
    },
    live: () =>
      active().map(attack => {
        const record = { attack, decision: '', mitigations: store.ofAttack(attack.id) }
        return { action: ruleFactsOf(record).action, pop: popOf(attack.host) }
      }),
    waiting: () => options.groups.waiting,
    histogram: (what, since, stretchMs) => histogramOf(options, what, since, stretchMs),
    ownerOf: text => {
      const address = parseAddress(text)
      const entry = address && inventory()?.find(address)
      return entry && { customer: entry.customer, service: entry.service, escalation: entry.escalation }
    },
  }
}

/** By name. What memory has forgotten is not asked for POP by POP: it counts as of ours. */
function byPop(
  { book, store, pop: own }: Pick<FactRoomOptions, 'book' | 'store' | 'pop'>,
  popOf: (host: string) => string,
  mitigations: number,
): readonly PopCount[] {
  const pops = new Map<string, PopCount>()
  for (const { attack } of book.list('all')) {
    const pop = popOf(attack.host)
    const { active, total } = pops.get(pop) ?? { active: 0, total: 0 }
    const isActive = attack.state === 'open' && store.ofAttack(attack.id).some(isHeld)
    pops.set(pop, { pop, active: active + (isActive ? 1 : 0), total: total + 1 })
  }
  const { active = 0 } = pops.get(own) ?? {}
  pops.delete(own)
  const elsewhere = [...pops.values()].reduce((sum, { total }) => sum + total, 0)
  const all = [...pops.values(), { pop: own, active, total: Math.max(0, mitigations - elsewhere) }]
  return all.sort((a, b) => (a.pop < b.pop ? -1 : 1))
}

async function histogramOf(
  { state, book, store }: Pick<FactRoomOptions, 'state' | 'book' | 'store'>,
  what: 'events' | 'mitigations',
  since: number,
  stretchMs: number,
): Promise<readonly Moment[]> {
  const asked = { what: what === 'events' ? 'events' : 'mitigated-attacks', since, stretchMs } as const
  const rows = await state.look('histogram', asked).catch(() => [])
  if (what === 'events') return rows
  const counts = new Map(rows.map(({ at, count }) => [at, count]))
  for (const { id, openedAt } of book.open) {
    if (openedAt < since || store.ofAttack(id).length === 0) continue
    const at = Math.floor(openedAt / stretchMs) * stretchMs
    counts.set(at, (counts.get(at) ?? 0) + 1)
  }
  return [...counts].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at)
}
