// Compiles a template into a plan: where in each record lies what we want, worked out once instead of for every record.

import { elementByNumber, fitsType } from '#2-decode/elements/element.ts'
import { type Field, VARIABLE_LENGTH } from '#2-decode/elements/field.ts'
import { PLAN_GROUPS, PLAN_WORDS } from '#2-decode/elements/plan.ts'
import { SLOT_COUNT, type SlotOfElement, slotOf } from '#2-decode/elements/slots.ts'

export interface Plan {
  /** As PLAN wants it. Behind a field of variable length nothing has a place before the record fills it in. */
  readonly places: Int32Array
  /** Bytes of the fields before the first of variable length. */
  readonly fixedBytes: number
  /** From the first field of variable length on two words per field, slot (or -1) and length (or -1 when the record says it). */
  readonly walk: Int32Array
  /** Bytes of each record, or of the shortest one that fields of variable length allow. */
  readonly recordBytes: number
  /** Fields that mean something to us but have a length that their type cannot have: skipped. */
  readonly oddFields: number
}

/** Undefined when the records would have no bytes, or a field none: nothing could be read, and reading would not end. */
export function compileTemplate(fields: readonly Field[]): Plan | undefined {
  const recordBytes = fields.reduce((sum, { bytes }) => sum + (bytes === VARIABLE_LENGTH ? 1 : bytes), 0)
  if (recordBytes === 0 || recordBytes > 0xffff) return undefined
  const uses = fields.map(field => slotOf(field.element, field.enterprise))
  const wanted = uses.map((use, index) => (isReadable(fields[index]) ? use : undefined))
  const slots = bestOf(wanted)
  const variableAt = fields.findIndex(({ bytes }) => bytes === VARIABLE_LENGTH)
  const fixed = variableAt < 0 ? fields.length : variableAt
  const places = new Int32Array(PLAN_WORDS)
  places[PLAN_GROUPS] = wanted.reduce((groups, use) => groups | (use?.group ?? 0), 0)
  const fixedBytes = placeFixed(fields.slice(0, fixed), slots, places)
  return {
    places,
    fixedBytes,
    walk: walkOf(fields.slice(fixed), slots.slice(fixed)),
    recordBytes,
    oddFields: uses.filter((use, index) => use !== undefined && wanted[index] === undefined).length,
  }
}

function isReadable(field: Field | undefined): boolean {
  if (field === undefined || field.bytes === 0) return false
  const type = elementByNumber(field.element)?.type
  return type !== undefined && (field.bytes === VARIABLE_LENGTH || fitsType(type, field.bytes))
}

/** Of several fields for one slot the element of the best rank has it, and the first of equals; the others get -1. */
function bestOf(wanted: readonly (SlotOfElement | undefined)[]): number[] {
  const best = new Int32Array(SLOT_COUNT).fill(-1)
  for (const [index, use] of wanted.entries()) {
    const other = use === undefined ? undefined : wanted[best[use.slot] ?? -1]
    if (use !== undefined && (other === undefined || use.rank < other.rank)) best[use.slot] = index
  }
  return wanted.map((use, index) => (use !== undefined && best[use.slot] === index ? use.slot : -1))
}

function placeFixed(fields: readonly Field[], slots: readonly number[], places: Int32Array): number {
  let offset = 0
  for (const [index, { bytes }] of fields.entries()) {
    const slot = slots[index] ?? -1
    if (slot >= 0) {
      places[2 * slot] = offset
      places[2 * slot + 1] = bytes
    }
    offset += bytes
  }
  return offset
}

function walkOf(fields: readonly Field[], slots: readonly number[]): Int32Array {
  return Int32Array.from(
    fields.flatMap(({ bytes }, index) => [slots[index] ?? -1, bytes === VARIABLE_LENGTH ? -1 : bytes]),
  )
}
