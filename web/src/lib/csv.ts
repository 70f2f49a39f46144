// Rows as CSV (RFC 4180) that a spreadsheet opens without running what an attacker wrote into a field.

/** A leading one of these, full-width ones too, makes a formula of a cell; blanks, a tab or a line end may hide one. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i

/** With a line of titles first. Numbers stay numbers; text that would be a formula is led by an apostrophe. */
export const csvText = (titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [titles, ...rows].map(row => `${row.map(cellText).join(',')}\r\n`).join('')

function cellText(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value
  // Where a comma parts decimals, a semicolon parts cells.
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
