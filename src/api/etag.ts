// Entity tags (RFC 9110, section 13.1.2): who has an answer already is not sent it again.

const TAGS_MAX = 64

/** Whether whoever asks has it already, by the If-None-Match header of his request. Tags compare weakly. */
export function isKnownByIfNoneMatch(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',', TAGS_MAX).some(each => opaqueOf(each.trim()) === opaqueOf(tag))
}

const opaqueOf = (tag: string): string => tag.replace(/^W\//, '')
