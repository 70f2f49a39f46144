// Regular expressions of a configuration that run over what strangers send: only such as cannot take long on any text.
//
// What backtracks without end is refused when the configuration is read: repeated groups, references, look-around, more
// than two open repetitions. The text is cut as well, so the worst case
// stays at some milliseconds.

/** Of the text that is looked at. */
export const SUBJECT_CHARACTERS_MAX = 256
const PATTERN_CHARACTERS_MAX = 200
const REPEATS_MAX = 2
const OPTIONALS_MAX = 3
const ALTERNATIVES_MAX = 4

/** Why a pattern is refused; `undefined`: it is fine. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > PATTERN_CHARACTERS_MAX) return `it is longer than ${PATTERN_CHARACTERS_MAX} characters`
  try {
    new RegExp(pattern, 'u')
  } catch {
    return 'it is no regular expression'
  }
  const bare = pattern.replaceAll(/\\[^k1-9]/g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  if (/\\[k1-9]/.test(bare)) return 'it refers to what it matched before'
  if (/\(\?[=!]|\(\?<[=!]/.test(bare)) return 'it looks around'
  if (/\)[*+?{]/.test(bare)) return 'it repeats a group'
  const count = (what: RegExp) => bare.match(what)?.length ?? 0
  if (count(/[*+]|\{\d+,\d*\}/g) > REPEATS_MAX) return `it repeats more than ${REPEATS_MAX} times`
  if (count(/(?<![*+?}(])\?/g) > OPTIONALS_MAX) return `it has more than ${OPTIONALS_MAX} optional characters`
  if (count(/\|/g) > ALTERNATIVES_MAX) return `it has more than ${ALTERNATIVES_MAX} alternatives`
  return undefined
}
