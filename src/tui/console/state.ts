// What the console shows and what whoever sits there has done to it; and what the daemon said last.

import type { Attack } from '#api/contract/attack.ts'
import type { Explanation } from '#api/contract/explain.ts'
import type { Exporters } from '#api/contract/exporters.ts'
import type { MitigationView } from '#api/contract/mitigations.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import type { Sort } from '#api/contract/values.ts'
import type { Dialog } from './dialog.ts'

export const PANES = ['traffic', 'attacks', 'mitigations', 'exporters'] as const
export type Pane = (typeof PANES)[number]

/** What lies over a pane. */
export type Over =
  | { readonly kind: 'help' }
  | { readonly kind: 'details'; readonly key: string; readonly scroll: number }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'dialog'; readonly dialog: Dialog }

export interface ConsoleState {
  readonly pane: Pane
  readonly sort: Sort
  /** Position in the orders of the other panes. */
  readonly orders: Readonly<Record<Exclude<Pane, 'traffic'>, number>>
  /** Hosts that are asked for, of each direction. */
  readonly limit: number
  /** Rows without it are not shown; empty: all are. */
  readonly filter: string
  /** Also what is over, in attacks and mitigations. */
  readonly isAll: boolean
  /** Key of the chosen row; undefined: the first. */
  readonly chosen: Readonly<Partial<Record<Pane, string>>>
  readonly over: Over | undefined
  /** What came of the last order, until the next key. */
  readonly notice: string | undefined
}

/** What a pane was told, or why it was told nothing. */
export type Told<Of> =
  | { readonly kind: 'told'; readonly value: Of }
  | { readonly kind: 'refused'; readonly why: string }

export interface Facts {
  readonly traffic: Traffic
  /** Missing: not asked for yet. */
  readonly attacks?: Told<readonly Attack[]>
  readonly mitigations?: Told<readonly MitigationView[]>
  readonly exporters?: Told<Exporters>
  readonly explanation?: { readonly subject: string; readonly told: Told<Explanation> }
  /** The daemon does not answer: since when (in clock time), and why. */
  readonly lost?: { readonly since: string; readonly why: string }
}

export const firstState = ({ sort, limit }: Pick<Traffic, 'sort' | 'limit'>): ConsoleState => ({
  ...{ pane: 'traffic', sort, limit, filter: '', isAll: false, chosen: {} },
  orders: { attacks: 0, mitigations: 0, exporters: 0 },
  ...{ over: undefined, notice: undefined },
})
