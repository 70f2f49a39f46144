// What lines of a text were taken away and added, in their order; lines in between that stayed are folded.

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** So many lines in a row that stayed, and are not shown. */
export interface Fold {
  readonly kind: 'fold'
  readonly lines: number
}

/** Cells of the table that finds what stayed; of texts with more all that differs counts as replaced. */
const CELLS_MAX = 4_000_000

export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)]
  let first = 0
  while (first < old.length && first < now.length && old[first] === now[first]) first++
  let last = 0
  while (
    last < old.length - first &&
    last < now.length - first &&
    old[old.length - 1 - last] === now[now.length - 1 - last]
  )
    last++
  const middle = diffMiddle(old.slice(first, old.length - last), now.slice(first, now.length - last))
  const same = (text: string): DiffLine => ({ kind: 'same', text })
  return [...old.slice(0, first).map(same), ...middle, ...old.slice(old.length - last).map(same)]
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function diffMiddle(old: readonly string[], now: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text })
  const added = (text: string): DiffLine => ({ kind: 'added', text })
  if (old.length * now.length > CELLS_MAX) return [...old.map(removed), ...now.map(added)]
  const width = now.length + 1
  // Of the lines from each place on, how many stay at most.
  const stays = new Uint32Array((old.length + 1) * width)
  for (let a = old.length - 1; a >= 0; a--)
    for (let b = now.length - 1; b >= 0; b--)
      stays[a * width + b] =
        old[a] === now[b]
          ? (stays[(a + 1) * width + b + 1] ?? 0) + 1
          : Math.max(stays[(a + 1) * width + b] ?? 0, stays[a * width + b + 1] ?? 0)
  const lines: DiffLine[] = []
  let [a, b] = [0, 0]
  while (a < old.length || b < now.length) {
    const [left, right] = [old[a], now[b]]
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left })
      a++
      b++
    } else if (
      left !== undefined &&
      (right === undefined || (stays[(a + 1) * width + b] ?? 0) >= (stays[a * width + b + 1] ?? 0))
    ) {
      lines.push(removed(left))
      a++
    } else {
      lines.push(added(right ?? ''))
      b++
    }
  }
  return lines
}

/** Lines that stayed are shown as far as they are so near to a change. */
const NEAR = 3

export function folded(lines: readonly DiffLine[]): (DiffLine | Fold)[] {
  const isNear = lines.map(() => false)
  for (const [at, { kind }] of lines.entries())
    if (kind !== 'same')
      for (let near = Math.max(0, at - NEAR); near <= Math.min(lines.length - 1, at + NEAR); near++)
        isNear[near] = true
  const shown: (DiffLine | Fold)[] = []
  for (const [at, line] of lines.entries()) {
    const before = shown.at(-1)
    if (isNear[at]) shown.push(line)
    else if (before?.kind === 'fold') shown[shown.length - 1] = { kind: 'fold', lines: before.lines + 1 }
    else shown.push({ kind: 'fold', lines: 1 })
  }
  return shown
}
