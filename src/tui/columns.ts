// A table that fits its room: narrow terminals lose the columns that matter least.

import { cutTo, fillTo, widthOf } from './cells.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** The highest goes first when there is no room; 0 stays. */
  readonly rank: number
  /** It may be cut down to so many columns before a whole column goes. */
  readonly least?: number
}

const GAP = 2

/** The title line, then a line for each row of cells. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const natural = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map(row => widthOf(row[at] ?? ''))),
  )
  const widths = fitted(columns, natural, width)
  const line = (cells: readonly string[]) => {
    const parts = columns.flatMap(({ align }, at) => {
      const room = widths[at] ?? 0
      return room === 0 ? [] : [fillTo(cells[at] ?? '', room, align)]
    })
    return cutTo(parts.join(' '.repeat(GAP)).trimEnd(), width)
  }
  return [line(columns.map(({ title }) => title)), ...rows.map(line)]
}

/** Widths of all columns; 0 for those that go. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural]
  const byRank = columns.map((column, at) => ({ ...column, at })).toSorted((a, b) => b.rank - a.rank)
  for (const { at, rank, least } of byRank) {
    const over = used(widths) - width
    if (over <= 0) break
    const own = widths[at] ?? 0
    if (least !== undefined && own - over >= least) widths[at] = own - over
    else if (rank > 0) widths[at] = 0
    else if (least !== undefined) widths[at] = Math.min(own, Math.max(least, own - over))
  }
  return widths
}

const used = (widths: readonly number[]): number => {
  const shown = widths.filter(width => width > 0)
  return shown.reduce((sum, width) => sum + width, 0) + Math.max(0, shown.length - 1) * GAP
}
