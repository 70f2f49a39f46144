// The known word nearest to a misspelt one, by the edits between them.

/** Longer words are not compared: the table of a comparison grows with the product of both lengths. */
const LENGTH_MAX = 64

/**
 * The known word that `word` most likely meant; `undefined` when none is near (more than a third of its letters differ).
 * Case, `_` and `-` do not count. Of equally near words the first wins.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = plain(word)
  if (wanted.length > LENGTH_MAX) return undefined
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const text = plain(candidate)
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, text.length) / 3))
    if (text.length > LENGTH_MAX || Math.abs(text.length - wanted.length) > allowed) continue
    const distance = editDistance(wanted, text)
    if (distance <= allowed && distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[_-]/g, '')

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, cell(last, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, cell(beforeLast, j - 2) + 1)
      }
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return cell(last, b.length)
}

const cell = (row: readonly number[], at: number): number => row[at] ?? 0
