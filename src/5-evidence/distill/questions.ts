// Which fields may be asked about next, and what each proposes.

import { BIT_FIELDS, type Field } from './fields.ts'
import type { Cell, Ground } from './ground.ts'
import type { Predicate } from './predicate.ts'
import type { Proposal } from './proposal.ts'
import { proposeBits } from './propose-bits.ts'
import { proposeNumbers } from './propose-numbers.ts'
import { proposeSources } from './propose-sources.ts'

const TCP = 6
const ICMP = [1, 58]
const WITH_PORTS = [6, 17, 132]

/** By field. */
export function proposals(ground: Ground, cell: Cell): Proposal[][] {
  const used = new Set(cell.predicates.map(({ field }) => field))
  const mayAsk = (field: Field) => !used.has(field) && hasField(cell.predicates, field)
  return [
    ...ground.numbers.filter(mayAsk).map(field => proposeNumbers(ground, cell, field)),
    ...BIT_FIELDS.filter(mayAsk).map(field => proposeBits(ground, cell, field)),
    used.has('source') ? [] : proposeSources(ground, cell),
  ]
}

/** Fields are asked about once the protocol is known: ports, flags and types mean nothing without it, lengths little. */
export function hasField(predicates: readonly Predicate[], field: Field): boolean {
  switch (field) {
    case 'source-port':
    case 'destination-port':
      return isOf(predicates, WITH_PORTS) && !isLaterFragment(predicates)
    case 'tcp-flags':
      return isOf(predicates, [TCP]) && !isLaterFragment(predicates)
    case 'icmp-type':
      return isOf(predicates, ICMP)
    case 'icmp-code':
      return predicates.some(one => one.field === 'icmp-type')
    case 'protocol':
      return true
    default:
      return predicates.some(one => one.field === 'protocol')
  }
}

const isOf = (predicates: readonly Predicate[], protocols: readonly number[]) =>
  predicates.some(
    one =>
      one.kind === 'number' &&
      one.field === 'protocol' &&
      one.ranges.every(({ from, to }) => from === to && protocols.includes(from)),
  )

const isLaterFragment = (predicates: readonly Predicate[]) =>
  predicates.some(one => one.kind === 'bits' && one.field === 'fragment' && (one.set & 2) !== 0)
