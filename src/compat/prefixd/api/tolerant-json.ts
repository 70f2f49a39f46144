// Reads JSON (RFC 8259) that a shell script may have put together by hand: control characters in texts are taken as meant.

import { NESTING_MAX, nestsTooDeep } from '#lib/json-nesting.ts'

export type ReadJson =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly problem: string }

export function readJson(text: string): ReadJson {
  if (nestsTooDeep(text)) return { kind: 'failed', problem: `nested deeper than ${NESTING_MAX} levels` }
  try {
    return { kind: 'ok', value: JSON.parse(repaired(text)) }
  } catch {
    // What the parser says quotes the body.
    return { kind: 'failed', problem: 'it is no JSON' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** With control characters within strings escaped. */
function repaired(text: string): string {
  let isInString = false
  let from = 0
  let written = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInString && code === BACKSLASH) at++
    else if (code === QUOTE) isInString = !isInString
    else if (isInString && code < 0x20) {
      written += `${text.slice(from, at)}\\u${code.toString(16).padStart(4, '0')}`
      from = at + 1
    }
  }
  return from === 0 ? text : written + text.slice(from)
}
