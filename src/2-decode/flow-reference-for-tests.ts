// A second decoder of IPFIX data, as plain as can be, to hold the fast one against: fields by name of number, big integers.

import type { FieldBytes } from './flow-exports-for-tests.ts'
import { word } from './frame/decode-for-tests.ts'
import type { Bytes } from './frame/frames-for-tests.ts'

/** Family, first words of both addresses, protocol, ports, bytes, packets. */
export type Essence = readonly number[]

type Fields = ReadonlyMap<number, Bytes>

/** What the records in the content of a set say; undefined stands for a record that runs over the end. */
export function referenceRecords(template: readonly FieldBytes[], content: Bytes): Essence[] {
  const shortest = template.reduce((sum, [, bytes]) => sum + (bytes === 65_535 ? 1 : bytes), 0)
  const found: Essence[] = []
  let rest = content
  while (rest.length >= shortest) {
    const fields = new Map<number, Bytes>()
    for (const [element, stated, enterprise] of template) {
      let bytes = stated
      if (stated === 65_535) {
        bytes = rest[0] ?? Number.NaN
        rest = rest.slice(1)
        if (bytes === 255) {
          bytes = (rest[0] ?? Number.NaN) * 256 + (rest[1] ?? Number.NaN)
          rest = rest.slice(2)
        }
      }
      // A length that is not there compares with nothing.
      if (!(bytes <= rest.length)) return found
      if (enterprise === undefined && !fields.has(element) && canBe(element, stated))
        fields.set(element, rest.slice(0, bytes))
      rest = rest.slice(bytes)
    }
    const essence = essenceOf(fields)
    if (essence !== undefined) found.push(essence)
  }
  return found
}

/** A field whose stated length its element cannot have is as if it were not there. */
function canBe(element: number, stated: number): boolean {
  if (element === 8 || element === 12) return stated === 4 || stated === 65_535
  if (element === 27 || element === 28) return stated === 16 || stated === 65_535
  return stated <= 8 || stated === 65_535
}

function essenceOf(fields: Fields): Essence | undefined {
  const address = (element: number, bytes: number) => {
    const content = fields.get(element)
    return content?.length === bytes ? content : undefined
  }
  const [source4, target4] = [address(8, 4), address(12, 4)]
  const [source6, target6] = [address(27, 16), address(28, 16)]
  const isZero6 = [...(source6 ?? []), ...(target6 ?? [])].every(byte => byte === 0)
  const is6 = (source6 ?? target6) !== undefined && !((source4 ?? target4) !== undefined && isZero6)
  if (!is6 && (source4 ?? target4) === undefined) return undefined
  const bytes = numberIn(fields, 1) ?? 0
  const counted = numberIn(fields, 2) ?? 0
  const packets = counted === 0 ? Math.ceil(bytes / 1500) : counted
  if (packets === 0 || bytes > 2 ** 50 || counted > 2 ** 43) return undefined
  const protocol = (numberIn(fields, 4) ?? 0) % 256
  const isIcmp = protocol === 1 || protocol === 58
  const [source, target] = is6 ? [source6, target6] : [source4, target4]
  const port = (element: number) => (isIcmp ? 0 : (numberIn(fields, element) ?? 0))
  const first = (content: Bytes | undefined) => (content === undefined ? 0 : word(content))
  return [is6 ? 6 : 4, first(source), first(target), protocol, port(7), port(11), bytes, packets]
}

function numberIn(fields: Fields, element: number): number | undefined {
  const content = fields.get(element)
  if (content === undefined || content.length === 0 || content.length > 8) return undefined
  return Number(content.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n))
}
