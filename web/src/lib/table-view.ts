// What of a table is shown: filtered, sorted, and of many rows those that are in sight.

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** What stands in the cell; also what is searched, and what goes into a CSV file unless `csv` says otherwise. */
  readonly text: (row: Row) => string
  /** What it is sorted by; missing: its text. */
  readonly order?: (row: Row) => number | string
  /** For machines: a number without its unit. */
  readonly csv?: (row: Row) => number | string
  /** Where the cell leads. */
  readonly href?: (row: Row) => string | undefined
  /** How it stands out, beside its words. */
  readonly tone?: (row: Row) => Tone | undefined
  readonly isNumber?: boolean
  /** A CSS width such as 12rem; missing: its share of the rest. */
  readonly width?: string
  /** Left out on a phone. */
  readonly isMinor?: boolean
}

export type Tone = 'good' | 'warn' | 'danger' | 'quiet'

export interface Order {
  readonly key: string
  readonly isDown: boolean
}

/** As it stands in the URL: `rate` or `-rate`. */
export const orderText = ({ key, isDown }: Order): string => (isDown ? `-${key}` : key)
export const orderOf = (text: string): Order => ({
  key: text.replace(/^-/, ''),
  isDown: text.startsWith('-'),
})

/** Rows with all words of `find` somewhere in them, in order. What was given stays as it is. */
export function shownRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  find: string,
  order: Order | undefined,
): readonly Row[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean)
  const found = words.length === 0 ? rows : rows.filter(row => holds(row, columns, words))
  const column = columns.find(({ key }) => key === order?.key)
  if (column === undefined || order === undefined) return found
  const by = column.order ?? column.text
  const sign = order.isDown ? -1 : 1
  // Read once a row: a comparison reads it many times.
  return found
    .map(row => ({ row, value: by(row) }))
    .sort((a, b) => sign * compare(a.value, b.value))
    .map(({ row }) => row)
}

function holds<Row>(row: Row, columns: readonly Column<Row>[], words: readonly string[]): boolean {
  const text = columns
    .map(column => column.text(row))
    .join('\n')
    .toLowerCase()
  return words.every(word => text.includes(word))
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

const BEYOND = 8

/** Which rows are drawn: those in sight and some beyond. `first` to before `last`. */
export function inSight(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): { readonly first: number; readonly last: number } {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - BEYOND)
  return { first, last: Math.min(count, first + Math.ceil(height / rowHeight) + 2 * BEYOND) }
}
