// A field of a template as the exporter defined it, and the bytes of template records (RFC 3954, 5.2, 6.1; RFC 7011, 3.4).

/** Set identifiers that define templates. The set says everything about the form of its records. */
export const TEMPLATE_SET = {
  netflow9: 0,
  netflow9Options: 1,
  ipfix: 2,
  ipfixOptions: 3,
} as const

/** The length that says: the field brings its own. */
export const VARIABLE_LENGTH = 0xffff

/** Enterprise of fields that only mean something as scope of NetFlow v9, where numbers are not those of elements. */
export const SCOPE_ENTERPRISE = -1

export interface Field {
  readonly element: number
  /** 0 for the elements of IANA. */
  readonly enterprise: number
  /** Or VARIABLE_LENGTH. */
  readonly bytes: number
}

const { netflow9, netflow9Options, ipfix, ipfixOptions } = TEMPLATE_SET

const ENTERPRISE_BIT = 0x8000

export const isOptionsSet = (set: number): boolean => set === netflow9Options || set === ipfixOptions
export const isIpfixSet = (set: number): boolean => set === ipfix || set === ipfixOptions

/** Bytes of the head of a template record, before its fields. */
export const headBytes = (set: number): number => (isOptionsSet(set) ? 6 : 4)

/** Fields that the head of a template record announces; -1 when it announces what cannot be. */
export function fieldCount(view: DataView, at: number, set: number): number {
  if (set !== netflow9Options) return view.getUint16(at + 2)
  const bytes = view.getUint16(at + 2) + view.getUint16(at + 4)
  return bytes % 4 === 0 ? bytes / 4 : -1
}

/** Length of the whole template record of so many fields; -1 when it does not end before `end`. */
export function definitionBytes(
  view: DataView,
  at: number,
  end: number,
  set: number,
  fields: number,
): number {
  let next = at + headBytes(set)
  for (let i = 0; i < fields; i++) {
    if (end - next < 4) return -1
    next += isIpfixSet(set) && view.getUint16(next) >= ENTERPRISE_BIT ? 8 : 4
  }
  return next <= end ? next - at : -1
}

/** The fields of a template record whose length has been checked. */
export function readFields(view: DataView, at: number, set: number, fields: number): Field[] {
  const scopes = set === netflow9Options ? view.getUint16(at + 2) / 4 : 0
  let next = at + headBytes(set)
  return Array.from({ length: fields }, (_, index): Field => {
    const first = view.getUint16(next)
    const bytes = view.getUint16(next + 2)
    if (set === netflow9 || set === netflow9Options) {
      next += 4
      return { element: first, enterprise: index < scopes ? SCOPE_ENTERPRISE : 0, bytes }
    }
    const isPrivate = first >= ENTERPRISE_BIT
    const enterprise = isPrivate ? view.getUint32(next + 4) : 0
    next += isPrivate ? 8 : 4
    return { element: first & 0x7fff, enterprise, bytes }
  })
}
