// Assertions are for our own mistakes; bad input is counted or returned, never asserted.

export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${claim}`)
}
