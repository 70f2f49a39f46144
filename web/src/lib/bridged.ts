// Short gaps of a line, as of a second that a busy machine has missed, are crossed; longer ones stay to be seen.

/** Runs of at most `most` unknown values between known ones get the value before them. */
export function bridged(values: readonly (number | null)[], most: number): (number | null)[] {
  const made = [...values]
  let known = -1
  for (const [at, value] of values.entries()) {
    if (value === null) continue
    if (known >= 0 && at - known - 1 <= most) made.fill(values[known] ?? null, known + 1, at)
    known = at
  }
  return made
}
