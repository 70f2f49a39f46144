// Tables of numbers for benches and tools: aligned columns, words to the left, numbers to the right.

import { record } from './record.ts'

export type Cell = string | number

/** What stands where there is no number. */
const MISSING = ['', '-']

/** Prints a title, a head and rows to stdout, with an empty line before, and records them. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  process.stdout.write(`\n${formatTable(title, columns, rows)}\n`)
  const byColumn = (row: readonly Cell[]) =>
    Object.fromEntries(columns.map((name, at) => [name, row[at] ?? ''] as const))
  record({ kind: 'table', title, rows: rows.map(byColumn) })
}

/**
 * The table as text, one line per row, no line break at the end.
 * A column is set to the right when it has numbers and nothing else but what stands for a missing one.
 */
export function formatTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const texts = rows.map(row => columns.map((_, at) => formatCell(row[at] ?? '')))
  const widths = columns.map((name, at) => Math.max(name.length, ...texts.map(row => row[at]?.length ?? 0)))
  const isNumeric = columns.map((_, at) => {
    const cells = rows.map(row => row[at] ?? '')
    return cells.some(isNumber) && cells.every(cell => isNumber(cell) || MISSING.includes(cell))
  })
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (isNumeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [title, line(columns), line(widths.map(width => '-'.repeat(width))), ...texts.map(line)].join('\n')
}

const isNumber = (cell: Cell): cell is number => typeof cell === 'number'

/** Words as they are; numbers with three significant digits below 100, whole and in groups of three above. */
function formatCell(cell: Cell): string {
  if (typeof cell === 'string') return cell
  if (Number.isInteger(cell) || !Number.isFinite(cell)) return cell.toLocaleString('en-US')
  const size = Math.abs(cell)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.01 ? 2 : 4
  return cell.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
