// Words that routers share for bits of rules.

import { type BitmaskType, FRAGMENT_BITS, TCP_FLAG_BITS } from './rule.ts'

const BIT_WORDS: Readonly<Record<BitmaskType, Readonly<Record<string, number>>>> = {
  'tcp-flags': {
    fin: TCP_FLAG_BITS.fin,
    syn: TCP_FLAG_BITS.syn,
    rst: TCP_FLAG_BITS.rst,
    push: TCP_FLAG_BITS.psh,
    ack: TCP_FLAG_BITS.ack,
    urgent: TCP_FLAG_BITS.urg,
  },
  fragment: {
    'dont-fragment': FRAGMENT_BITS['dont-fragment'],
    'is-fragment': FRAGMENT_BITS['is-fragment'],
    'first-fragment': FRAGMENT_BITS.first,
    'last-fragment': FRAGMENT_BITS.last,
  },
}

/** The word for a single bit; `undefined`: there is none. */
export const bitWord = (type: BitmaskType, bit: number): string | undefined =>
  Object.entries(BIT_WORDS[type]).find(([, known]) => known === bit)?.[0]
