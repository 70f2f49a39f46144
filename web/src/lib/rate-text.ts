// Numbers with their units, the same wherever the reader lives: a point for decimals, commas between thousands.

import { grouped } from '#lib/number-text.ts'

const SCALES = [
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
] as const

/** `1.23 G`, `12.3 k`, `0`: three digits and a prefix of the SI. */
export function scaled(value: number): string {
  const size = Math.abs(value)
  if (size < 1) return size === 0 ? '0 ' : `${Number(value.toPrecision(2))} `
  const [prefix, scale] = SCALES.findLast(([, each]) => size >= each * 0.9995) ?? SCALES[0]
  return `${Number((value / scale).toPrecision(3))} ${prefix}`
}

export const bitsText = (perSecond: number): string => `${scaled(perSecond)}bit/s`
export const packetsText = (perSecond: number): string => `${scaled(perSecond)}packets/s`
export const flowsText = (perSecond: number): string => `${scaled(perSecond)}flows/s`
export const bytesText = (bytes: number): string => `${scaled(bytes)}B`
export const countText = (value: number): string => grouped(value)
/** From 0 to 1 as `12.5 %`. */
export const shareText = (share: number): string => `${Number((share * 100).toPrecision(3))} %`
