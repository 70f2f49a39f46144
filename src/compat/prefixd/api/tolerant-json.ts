// Reads JSON (RFC 8259) that a shell script may have put together by hand: control characters in texts are taken as meant.

/** Deeper nesting is refused: whoever writes it out again must not run out of stack. */
const DEPTH_MAX = 64

export type ReadJson =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly problem: string }

export function readJson(text: string): ReadJson {
  const { depth, repaired } = scan(text)
  if (depth > DEPTH_MAX) return { kind: 'failed', problem: `nested deeper than ${DEPTH_MAX} levels` }
  try {
    return { kind: 'ok', value: JSON.parse(repaired) }
  } catch {
    // What the parser says quotes the body.
    return { kind: 'failed', problem: 'it is no JSON' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** How deep brackets nest, and the text with control characters within strings escaped. */
function scan(text: string): { readonly depth: number; readonly repaired: string } {
  let depth = 0
  let deepest = 0
  let isInString = false
  let from = 0
  let repaired = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isInString = false
      else if (code < 0x20) {
        repaired += `${text.slice(from, at)}\\u${code.toString(16).padStart(4, '0')}`
        from = at + 1
      }
    } else if (code === QUOTE) isInString = true
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x5d || code === 0x7d) depth--
  }
  return { depth: deepest, repaired: from === 0 ? text : repaired + text.slice(from) }
}
