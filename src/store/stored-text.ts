// Text as both back ends keep it and give it back: without zero characters, without halves of a pair.

export const storedText = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed()

/** The value of a stored body; `undefined` when it is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
