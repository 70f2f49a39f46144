// Numbers as people read them.

const BETWEEN_THOUSANDS = /\B(?=(?:\d{3})+$)/g

/** With thousands parted by commas and so many digits behind the point: `1,208,345`. A start would wait 30 ms for `Intl` to say so. */
export function grouped(value: number, digits = 0): string {
  const [whole = '', part] = value.toFixed(digits).split('.')
  const parted = whole.replace(BETWEEN_THOUSANDS, ',')
  return part === undefined ? parted : `${parted}.${part}`
}

/** With thousands parted by commas and at most three digits behind the point: `1,208.5`. */
export function numberText(value: number): string {
  const [, part = ''] = String(Number(value.toFixed(3))).split('.')
  return grouped(value, part.length)
}

/** `0 %`, `0.001 %`, `12.5 %`: small shares do not round to nothing. */
export function percentText(percent: number): string {
  if (percent === 0) return '0 %'
  if (percent < 0.001) return '< 0.001 %'
  return `${Number(percent.toPrecision(3))} %`
}
