// Information elements by number and by name: what exporters may say, of what type (IANA "IPFIX Information Elements").

import { BASIC_ELEMENTS } from './basic-elements.ts'
import { LATER_ELEMENTS } from './later-elements.ts'

export const ELEMENT_TYPES = [
  'unsigned8',
  'unsigned16',
  'unsigned32',
  'unsigned64',
  'signed32',
  'signed64',
  'float32',
  'float64',
  'boolean',
  'macAddress',
  'octetArray',
  'string',
  'ipv4Address',
  'ipv6Address',
  'dateTimeSeconds',
  'dateTimeMilliseconds',
  'dateTimeMicroseconds',
  'dateTimeNanoseconds',
  'basicList',
  'subTemplateList',
  'subTemplateMultiList',
] as const

export type ElementType = (typeof ELEMENT_TYPES)[number]

export interface Element {
  readonly number: number
  readonly name: string
  readonly type: ElementType
}

/** Private enterprise number under which the elements of the way back have the numbers of the way there (RFC 5103, 6.1). */
export const REVERSE_ENTERPRISE = 29_305

const parsed = [...BASIC_ELEMENTS, ...LATER_ELEMENTS].map(parseElement)
const BY_NUMBER: ReadonlyMap<number, Element> = new Map(parsed.map(element => [element.number, element]))
const BY_NAME: ReadonlyMap<string, Element> = new Map(parsed.map(element => [element.name, element]))

/** The element IANA gave this number; undefined for numbers we have no row for. */
export const elementByNumber = (number: number): Element | undefined => BY_NUMBER.get(number)

export const elementByName = (name: string): Element | undefined => BY_NAME.get(name)

/** Bytes of the type at full length (RFC 7011, 6.1); undefined where any length is right. */
export function typeBytes(type: ElementType): number | undefined {
  switch (type) {
    case 'unsigned8':
    case 'boolean':
      return 1
    case 'unsigned16':
      return 2
    case 'unsigned32':
    case 'signed32':
    case 'float32':
    case 'ipv4Address':
    case 'dateTimeSeconds':
      return 4
    case 'macAddress':
      return 6
    case 'unsigned64':
    case 'signed64':
    case 'float64':
    case 'dateTimeMilliseconds':
    case 'dateTimeMicroseconds':
    case 'dateTimeNanoseconds':
      return 8
    case 'ipv6Address':
      return 16
    default:
      return undefined
  }
}

/**
 * Whether a field of this length can be read as the type. Numbers may be shorter, and some exporters send them longer
 * than their type (forwardingStatus in 4 bytes); addresses and floating-point numbers have their one or two lengths.
 */
export function fitsType(type: ElementType, bytes: number): boolean {
  switch (type) {
    case 'ipv4Address':
      return bytes === 4
    case 'ipv6Address':
      return bytes === 16
    case 'float32':
    case 'float64':
      return bytes === 4 || bytes === 8
    case 'dateTimeMicroseconds':
    case 'dateTimeNanoseconds':
      return bytes === 8
    default:
      return typeBytes(type) === undefined || (bytes >= 1 && bytes <= 8)
  }
}

function parseElement(row: string): Element {
  const [number, name = '', typeName] = row.split(' ')
  const type = ELEMENT_TYPES.find(candidate => candidate === typeName)
  if (type === undefined) throw new Error(`element row without a type: ${row}`)
  return { number: Number(number), name, type }
}
