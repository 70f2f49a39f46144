// Numbers as people read them.

/** With thousands parted by commas and so many digits behind the point: `1,208,345`. */
export const grouped = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** `0 %`, `0.001 %`, `12.5 %`: small shares do not round to nothing. */
export function percentText(percent: number): string {
  if (percent === 0) return '0 %'
  if (percent < 0.001) return '< 0.001 %'
  return `${Number(percent.toPrecision(3))} %`
}
