// JSON in one form only (keys in order, no spaces, nothing that is undefined), so that a hash over it can be made again.

/** Plain values only: what JSON cannot say is left out or becomes null, as `JSON.stringify` has it. */
export const canonicalJson = (value: unknown): string => JSON.stringify(ordered(value)) ?? 'null'

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return ordered(value.toJSON())
  if (Array.isArray(value)) return value.map(ordered)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
  // No prototype: a key such as __proto__ is a key like any other.
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, inner] of entries) copy[key] = ordered(inner)
  return copy
}
