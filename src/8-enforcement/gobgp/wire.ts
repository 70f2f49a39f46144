// Names and numbers of gobgpd's messages that several files here need.

export const TYPE = 'type.googleapis.com/apipb.'
export const UNICAST = 1
export const FLOWSPEC = 133

/** AFI and SAFI (RFC 4760). */
export interface Family {
  readonly afi: 1 | 2
  readonly safi: typeof UNICAST | typeof FLOWSPEC
}

export const FAMILIES: readonly Family[] = [
  { afi: 1, safi: UNICAST },
  { afi: 2, safi: UNICAST },
  { afi: 1, safi: FLOWSPEC },
  { afi: 2, safi: FLOWSPEC },
]

/** A message in an `Any`: its name, and its fields as they came. */
export interface Packed {
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What stands in an `Any`; `undefined` when it is none. */
export function unpack(value: unknown): Packed | undefined {
  if (!isRecord(value)) return undefined
  const type = value['@type']
  if (typeof type !== 'string' || !type.startsWith(TYPE)) return undefined
  return { name: type.slice(TYPE.length), fields: value }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The list of a repeated field; empty when it is none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A number of a message, where a missing one is zero. */
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
