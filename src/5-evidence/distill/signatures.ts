// What the names of an attack let expect: the signatures of its vectors as predicates, tried before anything is searched.

import { VECTORS } from '#4-detection/vectors.ts'
import type { VectorMatch } from '#4-detection/vectors-match.ts'
import type { Range } from '#lib/flowspec/build.ts'
import { FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import type { Ground } from './ground.ts'
import type { Predicate } from './predicate.ts'

const ICMP = 1
const ICMP_V6 = 58
/** Echo of ICMP, as ICMPv6 numbers it. */
const ECHO_V6 = new Map([
  [8, 128],
  [0, 129],
])

export interface Signature {
  readonly name: string
  /** It names the service whose answers these are. */
  readonly isService: boolean
  /** What all packets of the vector have, without their lengths. */
  readonly predicates: readonly Predicate[]
  /** The same with the lengths that the table has. */
  readonly withLengths: readonly Predicate[]
}

/** Signatures of the vectors that can be asked about, in the order of their names. */
export function signaturesOf(ground: Ground): Signature[] {
  return ground.input.vectors.flatMap(name => {
    const vector = VECTORS.find(one => one.name === name)
    if (vector === undefined) return []
    const all = predicatesOf(vector.match, ground.input.family)
    if (!all.every(predicate => mayAsk(ground, predicate))) return []
    const predicates = all.filter(({ field }) => field !== 'packet-length')
    const isService = vector.match.sourcePort !== undefined && vector.amplifier !== undefined
    return predicates.length === 0 ? [] : [{ name, isService, predicates, withLengths: all }]
  })
}

function predicatesOf(match: VectorMatch, family: 4 | 6): Predicate[] {
  const { protocol, sourcePort, lengths, tcpFlags, fragments, icmpType } = match
  const predicates: Predicate[] = []
  const numbers = (field: Extract<Predicate, { kind: 'number' }>['field'], range: Range) =>
    predicates.push({ kind: 'number', field, ranges: [range] })
  const value = (field: Parameters<typeof numbers>[0], number: number) =>
    numbers(field, { from: number, to: number })
  if (protocol !== undefined) value('protocol', family === 6 && protocol === ICMP ? ICMP_V6 : protocol)
  if (sourcePort !== undefined) value('source-port', sourcePort)
  if (icmpType !== undefined)
    value('icmp-type', family === 6 ? (ECHO_V6.get(icmpType) ?? icmpType) : icmpType)
  if (lengths !== undefined) numbers('packet-length', lengths)
  if (tcpFlags !== undefined) {
    const { mask, value: set } = tcpFlags
    predicates.push({ kind: 'bits', field: 'tcp-flags', set, clear: mask & ~set, any: 0 })
  }
  if (fragments !== undefined) predicates.push(fragmentsOf(fragments))
  return predicates
}

function fragmentsOf(which: NonNullable<VectorMatch['fragments']>): Predicate {
  const { first, last, 'is-fragment': later } = FRAGMENT_BITS
  const set = which === 'first' ? first : which === 'later' ? later : 0
  return { kind: 'bits', field: 'fragment', set, clear: 0, any: which === 'any' ? first | last | later : 0 }
}

function mayAsk({ numbers, bits }: Ground, predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'number':
      return numbers.includes(predicate.field)
    case 'bits':
      return ((predicate.set | predicate.clear | predicate.any) & ~bits[predicate.field]) === 0
    case 'source':
      return false
  }
}
