// Words that routers share, and DDPS with them: for bits of rules, and for ranges.

import type { Range } from './build.ts'
import { type BitmaskType, FRAGMENT_BITS, TCP_FLAG_BITS } from './rule.ts'

export const BIT_WORDS: Readonly<Record<BitmaskType, Readonly<Record<string, number>>>> = {
  'tcp-flags': {
    fin: TCP_FLAG_BITS.fin,
    syn: TCP_FLAG_BITS.syn,
    rst: TCP_FLAG_BITS.rst,
    push: TCP_FLAG_BITS.psh,
    ack: TCP_FLAG_BITS.ack,
    urgent: TCP_FLAG_BITS.urg,
  },
  fragment: {
    'is-fragment': FRAGMENT_BITS['is-fragment'],
    'dont-fragment': FRAGMENT_BITS['dont-fragment'],
    'first-fragment': FRAGMENT_BITS.first,
    'last-fragment': FRAGMENT_BITS.last,
  },
}

/** The word for a single bit; `undefined`: there is none. */
export const bitWord = (type: BitmaskType, bit: number): string | undefined =>
  Object.entries(BIT_WORDS[type]).find(([, known]) => known === bit)?.[0]

export const rangeText = ({ from, to }: Range): string => (from === to ? String(from) : `${from}-${to}`)
