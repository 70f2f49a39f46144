// What signals of foreign systems become: events, or why they cannot.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'

export type Mapped =
  | { readonly kind: 'event'; readonly event: ForeignEvent }
  | { readonly kind: 'wrong'; readonly error: string }

export const wrong = (error: string): Mapped => ({ kind: 'wrong', error })

/** A name as it is, or in snake case (`UDPFlood` is `udp_flood`), or `unknown`. */
export function vectorNamed(text: string, knows: (name: string) => boolean): string {
  if (knows(text)) return text
  const snake = text
    .slice(0, 128)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
  const name = [snake, snake.replaceAll('_', '-')].find(knows)
  return name ?? 'unknown'
}

/** A number, or a text that is one. What is negative or none is missing. */
export function numberIn(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\s*\d{1,18}(?:\.\d{1,9})?(?:[eE]\+?\d{1,2})?\s*$/.test(value)
  const number = typeof value === 'number' ? value : isText ? Number(value) : undefined
  return number !== undefined && Number.isFinite(number) && number >= 0 ? number : undefined
}

export const share = (value: number): number => Math.min(1, Math.max(0, value))
