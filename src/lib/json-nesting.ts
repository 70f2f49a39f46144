// How deep JSON (RFC 8259) nests, before it is parsed: what walks it afterwards does so by recursion, and must not run
// out of stack.

/** Deeper nesting is refused wherever others send us JSON. */
export const NESTING_MAX = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Whether brackets outside strings nest deeper than `NESTING_MAX`. Of what is no JSON it says something, and never fails. */
export function nestsTooDeep(text: string): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isInString = false
    } else if (code === QUOTE) isInString = true
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > NESTING_MAX) return true
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return false
}
