// The console as lines: a function of what was done to it, what the daemon said last, and the size of the terminal.

import type { Traffic } from '#api/contract/traffic.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { cutTo, fillTo, harmless, widthOf, wrapTo } from '../cells.ts'
import { tableLines } from '../columns.ts'
import { type Line, marked, textOf } from '../lines.ts'
import { detailLines } from './details.ts'
import { dialogText } from './dialog.ts'
import { HELP } from './help.ts'
import { COLUMNS, megabits, ORDERS, type Row, rowsOf } from './rows.ts'
import { type ConsoleState, type Facts, PANES, type Pane } from './state.ts'
import { chosenAt } from './update.ts'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** Title and panes. */
const HEAD_LINES = 2
/** Of the foot: what is asked or told may be long. */
const FOOT_LINES_MAX = 4
/** Rows of a table, with its head, that are shown before anything above it is. */
const TABLE_LEAST = 5
const KEYS = '? help  q quit  1-4 panes  enter details  / filter  s sort  B ban  U unban  W withdraw'

/** Exactly as many lines as the terminal has, none wider than it. */
export function consoleLines(state: ConsoleState, facts: Facts, size: ScreenSize): Line[] {
  const foot = footLines(state, facts, size.columns)
  const room = Math.max(0, size.rows - HEAD_LINES - foot.length)
  const body = bodyLines(state, facts, { columns: size.columns, rows: room }).slice(0, room)
  while (body.length < room) body.push('')
  const lines: Line[] = [titleLine(facts), tabLine(state, facts, size.columns), ...body, ...foot]
  // The last lines are what somebody types into: they stay on the smallest terminal.
  return lines.slice(Math.max(0, lines.length - size.rows)).map(line => cutLine(line, size.columns))
}

/** The state with details scrolled no further than to their end, so that the next key upwards is seen. */
export function withinReach(state: ConsoleState, facts: Facts, size: ScreenSize): ConsoleState {
  const { over } = state
  if (over?.kind !== 'details' || over.scroll === 0) return state
  const room = size.rows - HEAD_LINES - footLines(state, facts, size.columns).length
  const lines = wrappedDetails(state, facts, over.key, size.columns).length
  const scroll = Math.min(over.scroll, Math.max(0, lines - Math.max(0, room)))
  return scroll === over.scroll ? state : { ...state, over: { ...over, scroll } }
}

function wrappedDetails(state: ConsoleState, facts: Facts, key: string, columns: number): string[] {
  const row = rowsOf(state, facts).find(each => each.key === key)
  return detailLines(state, facts, row, key).flatMap(line => wrapTo(line, columns))
}

function cutLine(line: Line, columns: number): Line {
  const text = cutTo(textOf(line), columns)
  return typeof line === 'string'
    ? text
    : marked(line.mark, line.mark === 'selected' ? fillTo(text, columns) : text)
}

function titleLine({ traffic, lost }: Facts): Line {
  const parts = [
    ...(lost === undefined ? [] : [`OLD NUMBERS since ${lost.since}`]),
    `Floodwarden ${traffic.version}`,
    traffic.armed ? 'armed' : 'dry run',
    momentText(Date.parse(traffic.at)),
    `${traffic.mode} mode`,
    traffic.interfaces.join(' ') || 'no interface',
  ]
  return marked(lost === undefined ? 'title' : 'stale', harmless(parts.join('   ')))
}

/** Where there is no room for all names, the other panes are told by their numbers. */
function tabLine(
  { pane, filter, isAll, sort, orders }: ConsoleState,
  { traffic }: Facts,
  columns: number,
): Line {
  const counts: Partial<Record<Pane, string>> = { attacks: ` (${grouped(traffic.bansTotal)})` }
  const tabs = (isShort: boolean) =>
    PANES.map((name, at) => {
      const text = `${at + 1} ${name}${counts[name] ?? ''}`
      return name === pane ? `[${text}]` : isShort ? `${at + 1}` : ` ${text} `
    }).join(' ')
  const order = pane === 'traffic' ? sort : ORDERS[pane][orders[pane]]
  const words = [
    `by ${order}`,
    ...(isAll && (pane === 'attacks' || pane === 'mitigations') ? ['also ended'] : []),
    ...(filter === '' ? [] : [`with "${harmless(filter)}"`]),
  ]
  const line = (isShort: boolean) => `${tabs(isShort)}   ${words.join(', ')}`
  return marked('tabs', line(widthOf(line(false)) > columns))
}

function footLines(state: ConsoleState, facts: Facts, columns: number): Line[] {
  const foot = footLine(state, facts)
  if (foot === KEYS) return [foot]
  const lines = wrapTo(textOf(foot), columns).slice(0, FOOT_LINES_MAX)
  return typeof foot === 'string' ? lines : lines.map(text => marked(foot.mark, text))
}

function footLine({ over, notice }: ConsoleState, { lost }: Facts): Line {
  if (over?.kind === 'dialog') return marked('alert', harmless(dialogText(over.dialog)))
  if (over?.kind === 'filter')
    return `Show rows with: ${harmless(over.text)}_   enter keeps, escape shows all`
  if (notice !== undefined) return marked('title', harmless(notice))
  if (lost !== undefined) return marked('stale', harmless(`old numbers since ${lost.since}: ${lost.why}`))
  if (over?.kind === 'details') return 'up down scroll  escape back  B ban  U unban  W withdraw'
  return over?.kind === 'help' ? 'any key goes back' : KEYS
}

function bodyLines(state: ConsoleState, facts: Facts, size: ScreenSize): Line[] {
  const { over } = state
  if (over?.kind === 'help') return HELP.flatMap(line => wrapTo(line, size.columns))
  if (over?.kind === 'details') {
    const lines = wrappedDetails(state, facts, over.key, size.columns)
    return lines.slice(Math.min(over.scroll, Math.max(0, lines.length - size.rows)))
  }
  const above = aboveLines(state, facts, size.columns).slice(0, Math.max(0, size.rows - TABLE_LEAST))
  return [...above, ...tableOf(state, facts, { ...size, rows: size.rows - above.length })]
}

function aboveLines({ pane }: ConsoleState, { traffic, exporters }: Facts, columns: number): Line[] {
  if (pane === 'traffic') return [...totalLines(traffic, columns), '']
  if (pane !== 'exporters' || exporters?.kind !== 'told') return []
  const { listeners, refusedDatagrams, overflowDatagrams } = exporters.value
  const dropped = listeners.reduce((sum, listener) => sum + listener.dropped, 0)
  const silent = listeners.filter(({ receiver }) => receiver === 'none')
  return [
    `${grouped(listeners.length)} sockets, ${grouped(dropped)} datagrams dropped, ${grouped(refusedDatagrams)} refused, ${grouped(overflowDatagrams)} of too many exporters`,
    ...silent.map(({ listen, problem = '' }) =>
      marked('alert', harmless(`${listen} does not listen: ${problem}`)),
    ),
    '',
  ]
}

function totalLines(traffic: Traffic, columns: number): Line[] {
  const { incoming, outgoing, internal, other } = traffic
  const sides = { incoming, outgoing, internal, other }
  const rows = Object.entries(sides).map(([name, side]) => [
    ...[name, grouped(Math.round(side.packets)), megabits(side.bits)],
    'flows' in side ? grouped(Math.round(Number(side.flows))) : '',
  ])
  const [head = '', ...totals] = tableLines(TOTAL_COLUMNS, rows, columns)
  const share = percentText(traffic.droppedPercent)
  const lost = `${grouped(traffic.packetsReceived)} packets received, ${grouped(traffic.packetsDropped)} dropped (${share}), ${grouped(traffic.unparsedPerSecond)} pps not processed`
  return [marked('head', head), ...totals, traffic.packetsDropped > 0 ? marked('alert', lost) : lost]
}

const TOTAL_COLUMNS = [
  { title: 'traffic', rank: 0 },
  { title: 'pps', align: 'right', rank: 0 },
  { title: 'mbps', align: 'right', rank: 1 },
  { title: 'flows/s', align: 'right', rank: 2 },
] as const

function tableOf(state: ConsoleState, facts: Facts, size: ScreenSize): Line[] {
  const rows = rowsOf(state, facts)
  if (rows.length === 0) return [emptyText(state, facts)]
  const at = chosenAt(state, rows)
  const room = Math.max(1, size.rows - 1)
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room))
  const shown = rows.slice(first, first + room)
  // Widths are those of all rows, so that columns stand still while somebody scrolls.
  const [head = '', ...lines] = tableLines(
    COLUMNS[state.pane],
    rows.map(({ cells }) => cells),
    size.columns - MARGIN.length,
  )
  return [
    marked('head', MARGIN + head),
    ...shown.map((row, index) => rowLine(row, lines[first + index] ?? '', first + index === at)),
  ]
}

const MARGIN = '  '

function rowLine({ isAlert }: Row, text: string, isChosen: boolean): Line {
  if (isChosen) return marked('selected', `> ${text}`)
  return isAlert ? marked('alert', MARGIN + text) : MARGIN + text
}

function emptyText({ pane, filter }: ConsoleState, facts: Facts): string {
  if (filter !== '') return 'Nothing like that. Escape shows all.'
  if (pane === 'traffic') return 'No host has traffic.'
  const told = facts[pane]
  if (told === undefined) return 'asking ...'
  if (told.kind === 'refused') return harmless(told.why)
  if (pane === 'attacks') return 'Nothing is attacked. Key a shows those that ended.'
  return pane === 'mitigations' ? 'Nothing is done. Key a shows what was.' : 'No exporter has sent anything.'
}
