// Questions to a resolver (RFC 1035, section 4), with a buffer size as every resolver of today asks for (RFC 6891).

/** What the lab's resolver knows; every name below it has the same addresses. */
export const ZONE = 'example.test'

/**
 * Letters before the zone: as short and as long as names are, so that no length belongs to honest ones alone. Thirteen, because
 * generators take turns: whoever looks at each fourth packet would see three of twelve.
 */
export const LABEL_LENGTHS = [3, 5, 6, 8, 9, 11, 12, 14, 17, 20, 24, 26, 29] as const

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** The first label of a name: the same number and length give the same. */
export const labelOf = (number: number, length: number): string =>
  Array.from({ length }, (_, at) => LETTERS[(number * (2 * at + 3) + at) % LETTERS.length]).join('')

/** The message as hexadecimal: one question for an address, recursion desired. */
export function questionHex(name: string, id = 0x1a2b): string {
  const labels = name.split('.').map(label => hexByte(label.length) + Buffer.from(label).toString('hex'))
  const header = `${id.toString(16).padStart(4, '0')}01000001000000000001`
  return `${header}${labels.join('')}00${A_IN}${OPT}`
}

const A_IN = '00010001'
/** Root, type 41, 1,232 octets, no flags, nothing in it. */
const OPT = '00002904d0000000000000'

const hexByte = (value: number): string => value.toString(16).padStart(2, '0')
