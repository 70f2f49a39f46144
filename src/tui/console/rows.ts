// Rows of each pane: their cells, what each is called in orders, and what they are sorted by.

import type { Attack } from '#api/contract/attack.ts'
import type { Exporter } from '#api/contract/exporters.ts'
import { measureState } from '#api/contract/measure-state.ts'
import type { MitigationView } from '#api/contract/mitigations.ts'
import { targetText } from '#api/contract/target-text.ts'
import type { HostRow } from '#api/contract/traffic.ts'
import { clockText, durationText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { harmless } from '../cells.ts'
import type { Column } from '../columns.ts'
import type { ConsoleState, Facts, Pane, Told } from './state.ts'

export interface Row {
  /** Stays the same while the thing is there. */
  readonly key: string
  readonly cells: readonly string[]
  readonly isAlert: boolean
  /** A host that can be banned. */
  readonly host?: string
  /** What unban calls it. */
  readonly banned?: string
  /** A mitigation that can be withdrawn, and what it protects. */
  readonly mitigation?: { readonly id: string; readonly target: string }
  /** What explain calls it. */
  readonly subject?: string
}

export const COLUMNS: Readonly<Record<Pane, readonly Column[]>> = {
  traffic: [
    { title: 'host', rank: 0, least: 8 },
    { title: 'direction', rank: 4 },
    { title: 'pps', align: 'right', rank: 0 },
    { title: 'mbps', align: 'right', rank: 1 },
    { title: 'flows/s', align: 'right', rank: 3 },
    { title: 'state', rank: 2 },
  ],
  attacks: [
    { title: 'target', rank: 0, least: 8 },
    { title: 'what', rank: 1, least: 8 },
    { title: 'direction', rank: 5 },
    { title: 'peak pps', align: 'right', rank: 3 },
    { title: 'since', rank: 4 },
    { title: 'state', rank: 0 },
    { title: 'done', rank: 2, least: 8 },
    { title: 'why', rank: 6, least: 16 },
  ],
  mitigations: [
    { title: 'id', rank: 3 },
    { title: 'target', rank: 0, least: 8 },
    { title: 'action', rank: 1 },
    { title: 'by', rank: 4 },
    { title: 'state', rank: 0 },
    { title: 'until', rank: 2 },
    { title: 'why', rank: 5, least: 16 },
  ],
  exporters: [
    { title: 'exporter', rank: 0, least: 8 },
    { title: 'name', rank: 1, least: 6 },
    { title: 'seen', rank: 0 },
    { title: 'datagrams', align: 'right', rank: 4 },
    { title: 'records', align: 'right', rank: 2 },
    { title: 'lost', align: 'right', rank: 0 },
    { title: 'rate', align: 'right', rank: 3 },
    { title: 'malformed', align: 'right', rank: 5 },
  ],
}

/** In which orders a pane can be; of the traffic what it is sorted by. */
export const ORDERS: Readonly<Record<Pane, readonly string[]>> = {
  traffic: ['packets', 'bytes', 'flows'],
  attacks: ['newest', 'peak', 'target'],
  mitigations: ['newest', 'target', 'state'],
  exporters: ['address', 'lost', 'last seen'],
}

/** Rows of the pane in its order, those that do not hold the filter left out. */
export function rowsOf(state: ConsoleState, facts: Facts): readonly Row[] {
  const wanted = state.filter.toLowerCase()
  const rows = allRows(state, facts)
  return wanted === ''
    ? rows
    : rows.filter(({ cells }) => cells.some(cell => cell.toLowerCase().includes(wanted)))
}

function allRows({ pane, sort, orders, isAll }: ConsoleState, facts: Facts): Row[] {
  switch (pane) {
    case 'traffic':
      return trafficRows(facts, sort)
    case 'attacks': {
      const attacks = toldOr(facts.attacks, []).filter(({ state }) => isAll || state === 'open')
      return attacks.toSorted(ATTACK_ORDERS[orders.attacks]).map(attackRow)
    }
    case 'mitigations':
      return toldOr(facts.mitigations, [])
        .filter(({ endedAt }) => isAll || endedAt === undefined)
        .toSorted(MITIGATION_ORDERS[orders.mitigations])
        .map(mitigationRow)
    case 'exporters': {
      const exporters = facts.exporters?.kind === 'told' ? facts.exporters.value.exporters : []
      const now = Date.parse(facts.traffic.at)
      return exporters.toSorted(EXPORTER_ORDERS[orders.exporters]).map(exporter => exporterRow(exporter, now))
    }
  }
}

const toldOr = <Of>(told: Told<Of> | undefined, missing: Of): Of =>
  told?.kind === 'told' ? told.value : missing

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const ATTACK_ORDERS = [
  (a: Attack, b: Attack) => byText(b.openedAt, a.openedAt),
  (a: Attack, b: Attack) => b.peak - a.peak,
  (a: Attack, b: Attack) => byText(a.host, b.host),
]
const MITIGATION_ORDERS = [
  (a: MitigationView, b: MitigationView) => byText(b.createdAt, a.createdAt),
  (a: MitigationView, b: MitigationView) => byText(a.target, b.target),
  (a: MitigationView, b: MitigationView) => byText(a.state, b.state),
]
const EXPORTER_ORDERS = [
  (a: Exporter, b: Exporter) => byText(a.address, b.address),
  (a: Exporter, b: Exporter) => lostBy(b) - lostBy(a),
  (a: Exporter, b: Exporter) => byText(b.lastSeen, a.lastSeen),
]

const lostBy = ({ lostDatagrams, lostRecords }: Exporter): number => lostDatagrams + lostRecords

function trafficRows({ traffic }: Facts, sort: ConsoleState['sort']): Row[] {
  const column = sort === 'bytes' ? 'bits' : sort
  const sides = (['incoming', 'outgoing'] as const).flatMap(direction =>
    traffic[direction].hosts.map(row => ({ direction, row })),
  )
  return sides
    .toSorted((a, b) => b.row[column] - a.row[column])
    .map(({ direction, row }) => hostRow(row, direction))
}

function hostRow({ host, packets, bits, flows, banned }: HostRow, direction: string): Row {
  const speeds = [grouped(Math.round(packets)), megabits(bits), grouped(Math.round(flows))]
  const cells = [harmless(host), direction, ...speeds, banned ? '*banned*' : '']
  const base = { key: `${host} ${direction}`, cells, isAlert: banned, host, subject: host }
  return banned ? { ...base, banned: host } : base
}

/** One digit behind the point while it says something. */
export const megabits = (bits: number): string => grouped(bits / 1e6, bits < 99.95e6 ? 1 : 0)

function attackRow(attack: Attack): Row {
  const isOpen = attack.state === 'open'
  const cells = [
    ...[targetText(attack), whatText(attack), attack.direction, grouped(Math.round(attack.peak))],
    ...[clockText(new Date(attack.openedAt)), isOpen ? (attack.isOver ? 'over' : 'open') : 'ended'],
    ...[doneText(attack), attack.why],
  ].map(harmless)
  const base = { key: attack.id, cells, isAlert: isOpen, subject: attack.id }
  const host = attack.scope === 'host' ? { host: attack.host } : {}
  return isOpen
    ? { ...base, ...host, banned: attack.scope === 'host' ? attack.host : attack.id }
    : { ...base, ...host }
}

/** The vectors its packets show, else what was reported, else the type. */
export function whatText({ finding, reported, type, origin }: Attack): string {
  if (finding !== undefined && finding.parts.length > 0)
    return finding.parts
      .map(({ vector, share }) => `${vector} ${percentText(Math.round(share * 100))}`)
      .join(' + ')
  if (reported !== undefined) return `${reported.vector} (${reported.source})`
  return origin === 'manual' ? 'by hand' : type
}

function doneText({ mitigations }: Attack): string {
  if (mitigations.length === 0) return 'nothing'
  const words = new Set(mitigations.map(each => `${each.action} ${measureState(each)}`))
  return [...words].join(', ')
}

function mitigationRow(each: MitigationView): Row {
  const until = each.isStanding ? 'stands' : clockText(new Date(each.endedAt ?? each.expiresAt))
  const cells = [
    ...[each.id, each.target, each.action, each.isDryRun ? 'nobody' : each.enforcer],
    ...[measureState(each), until, each.reason],
  ].map(harmless)
  const base = { key: each.id, cells, isAlert: each.state === 'failed', subject: each.attackId }
  const { id, target } = each
  return each.endedAt === undefined ? { ...base, mitigation: { id, target } } : base
}

/** An exporter that was silent for so long is worth a look. */
const SILENT_SECONDS = 300

function exporterRow(exporter: Exporter, now: number): Row {
  const silent = (now - Date.parse(exporter.lastSeen)) / 1000
  const rates = new Set(exporter.domains.map(({ samplingRate }) => samplingRate))
  const rate = rates.size > 1 ? 'several' : [...rates].map(value => `1:${grouped(value)}`).join('')
  const cells = [
    ...[exporter.address, exporter.name, `${durationText(silent)} ago`, grouped(exporter.datagrams)],
    ...[grouped(exporter.records), grouped(lostBy(exporter)), rate, grouped(exporter.malformed)],
  ].map(harmless)
  return { key: exporter.address, cells, isAlert: silent > SILENT_SECONDS || lostBy(exporter) > 0 }
}
