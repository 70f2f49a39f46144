// Text in a terminal: made harmless, measured in cells, cut and filled to a width.

/** Controls, line ends, and characters that turn the direction of text or take no room. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu
/** East Asian wide and full-width characters and pictures (Unicode Standard Annex 11), as ranges that hold all that are named. */
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u25fd\u25fe\u2614\u2615\u2648-\u2653\u26a1\u26bd\u26be\u2705\u274c\u2753\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}-\u{1f19a}\u{1f200}-\u{1f320}\u{1f32d}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f7e0}-\u{1f7eb}\u{1f90c}-\u{1faff}\u{20000}-\u{3fffd}]/u
const COMBINING = /^\p{M}$/u
const PLAIN = /^[\x20-\x7e]*$/

/** What a name of the outside may not do to a terminal it cannot do afterwards. */
export const harmless = (text: string): string => (PLAIN.test(text) ? text : text.replace(HARMFUL, '\ufffd'))

const cellsOf = (character: string): number => (COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** Columns a text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const character of text) width += cellsOf(character)
  return width
}

/** At most so many columns; what is cut ends in a dot line. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width < 1) return ''
  let kept = ''
  let used = 0
  for (const character of text) {
    const cells = cellsOf(character)
    if (used + cells > width - 1) break
    kept += character
    used += cells
  }
  return `${kept}…`
}

/** Exactly so many columns. */
export function fillTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, width)
  const rest = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return align === 'left' ? cut + rest : rest + cut
}

/** Lines of at most so many columns, broken at spaces where there are any; further ones are indented like the first. */
export function wrapTo(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const indent = /^ */.exec(text)?.[0].slice(0, Math.max(0, width - 8)) ?? ''
  const lines: string[] = []
  let line = indent
  for (let word of text.trim().split(/ +/)) {
    while (widthOf(word) > Math.max(1, width - indent.length)) {
      if (line !== indent) lines.push(line)
      line = indent
      const part = longestPart(word, Math.max(1, width - indent.length))
      lines.push(indent + part)
      word = word.slice(part.length)
    }
    const longer = line === indent ? indent + word : `${line} ${word}`
    if (widthOf(longer) <= width) line = longer
    else {
      lines.push(line)
      line = indent + word
    }
  }
  return [...lines, line]
}

/** At least one character, so that it comes to an end. */
function longestPart(word: string, width: number): string {
  let part = ''
  for (const character of word) {
    if (part !== '' && widthOf(part + character) > width) break
    part += character
  }
  return part
}
