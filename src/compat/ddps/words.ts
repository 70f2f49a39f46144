// DDPS's words for TCP flags, parts of fragmented packets and actions.

import { BIT_WORDS } from '#lib/flowspec/router-words.ts'
import { type Action, type BitmaskComponent, type BitmaskTest, FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import { bitsIn } from '#lib/flowspec/single-bits.ts'

const ANY_PART = FRAGMENT_BITS['is-fragment'] | FRAGMENT_BITS.first | FRAGMENT_BITS.last

const WORDS: Readonly<Record<BitmaskComponent['type'], Readonly<Record<string, BitmaskTest>>>> = {
  'tcp-flags': testsOf(BIT_WORDS['tcp-flags']),
  fragment: {
    ...testsOf(BIT_WORDS.fragment),
    // No bit says this (RFC 8955, section 4.2.2.12): it is that none of the bits of a fragment is set.
    'not-a-fragment': { isNot: true, isMatchAll: false, bits: ANY_PART },
  },
}

export type ReadWords =
  | { readonly kind: 'words'; readonly component: BitmaskComponent }
  | { readonly kind: 'problem'; readonly problem: string }

/**
 * Reads a list that is not empty. Words stand beside each other as DDPS sends them to routers, each a test of its own:
 * `syn ack` fits a packet with SYN set or with ACK set, whatever else is set.
 */
export function readWords(type: BitmaskComponent['type'], text: string): ReadWords {
  const known = WORDS[type]
  const tests: BitmaskTest[] = []
  for (const word of text.split(' ')) {
    const test = Object.hasOwn(known, word) ? known[word] : undefined
    if (test === undefined) {
      const words = Object.keys(known).join(', ')
      const problem = `has ${JSON.stringify(word)}, which is none of ${words}, with one space between two`
      return { kind: 'problem', problem }
    }
    tests.push(test)
  }
  return { kind: 'words', component: { type, anyOf: tests.map(test => [test]) } }
}

/** The words that match what the component does; `undefined`: there are none, as there are none for SYN together with ACK. */
export function printWords({ type, anyOf }: BitmaskComponent): string | undefined {
  const words: string[] = []
  for (const tests of anyOf) {
    const [test, ...others] = tests
    if (test === undefined || others.length > 0) return undefined
    // One of several bits is the same as the one or the other.
    const parts = test.isNot || test.isMatchAll ? [test] : bitsIn(test.bits).map(all)
    for (const part of parts) {
      const word = wordOf(type, part)
      if (word === undefined) return undefined
      if (!words.includes(word)) words.push(word)
    }
  }
  return words.length === 0 ? undefined : words.join(' ')
}

const wordOf = (type: BitmaskComponent['type'], test: BitmaskTest): string | undefined =>
  Object.entries(WORDS[type]).find(([, known]) => isSame(known, test))?.[0]

/** All and any of a single bit are the same. */
const isSame = (a: BitmaskTest, b: BitmaskTest): boolean =>
  a.bits === b.bits && a.isNot === b.isNot && (a.isMatchAll === b.isMatchAll || bitsIn(a.bits).length === 1)

function testsOf(words: Readonly<Record<string, number>>): Readonly<Record<string, BitmaskTest>> {
  return Object.fromEntries(Object.entries(words).map(([word, bits]) => [word, all(bits)]))
}

function all(bits: number): BitmaskTest {
  return { isNot: false, isMatchAll: true, bits }
}

/** The actions DDPS is installed with. */
export const DDPS_ACTIONS = [
  'accept',
  'discard',
  'rate-limit 9600',
  'rate-limit 19200',
  'rate-limit 38400',
] as const

const RATE = /^rate-limit ([1-9]\d{0,12})$/

/** Rates are bytes per second. Nothing is done by `accept`: the rule only watches. `undefined`: it is no action at all. */
export function readAction(text: string): readonly Action[] | undefined {
  if (text === 'accept') return []
  if (text === 'discard') return [{ kind: 'discard' }]
  const rate = RATE.exec(text)?.[1]
  return rate === undefined ? undefined : [{ kind: 'rate-bytes', bytesPerSecond: Number(rate), asn: 0 }]
}

/** `undefined`: DDPS has no word for it. */
export function printAction(actions: readonly Action[]): string | undefined {
  const [action, ...others] = actions
  if (action === undefined) return 'accept'
  if (others.length > 0) return undefined
  if (action.kind === 'discard') return 'discard'
  const isRate = action.kind === 'rate-bytes' && Number.isInteger(action.bytesPerSecond)
  if (!isRate) return undefined
  return action.bytesPerSecond === 0 ? 'discard' : `rate-limit ${action.bytesPerSecond}`
}
