// Where the next IPFIX message of a stream of bytes ends (RFC 7011, 10.4): over TCP nothing else parts them.

export const IPFIX_HEAD_BYTES = 16
const VERSION = 10

/** Too few bytes are there to tell, or the message has not come completely. */
export const INCOMPLETE = 0
/** These bytes begin no message; nothing after them can be trusted. */
export const NO_MESSAGE = -1

/** Bytes of the message that begins at `at` when all of it lies before `end`; else INCOMPLETE or NO_MESSAGE. */
export function messageLength(view: DataView, at: number, end: number): number {
  if (end - at >= 2 && view.getUint16(at) !== VERSION) return NO_MESSAGE
  if (end - at < 4) return INCOMPLETE
  const bytes = view.getUint16(at + 2)
  if (bytes < IPFIX_HEAD_BYTES) return NO_MESSAGE
  return bytes <= end - at ? bytes : INCOMPLETE
}
