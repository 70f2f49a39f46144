// A second decoder of sFlow, as plain as can be, to hold the fast one against: it copies every part before it looks at it.

import { decodeBytes } from '#2-decode/frame/decode-for-tests.ts'
import type { Bytes } from '#2-decode/frame/frames-for-tests.ts'
import { LINK, OUTCOME } from '#2-decode/sample.ts'

/** What a record says: names as in the record of the fast one. */
export type Essence = Readonly<Record<string, number>>

interface Part {
  readonly format: number
  readonly content: Bytes
}

class Reader {
  private rest: Bytes
  constructor(bytes: Bytes) {
    this.rest = bytes
  }

  get left(): number {
    return this.rest.length
  }

  bytes(count: number): Bytes {
    if (count > this.rest.length) throw new RangeError('short')
    const taken = this.rest.slice(0, count)
    this.rest = this.rest.slice(count)
    return taken
  }

  word(): number {
    return this.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0)
  }

  /** Parts with a format and a length each, as many as there are before one does not fit. */
  parts(count: number): Part[] {
    const parts: Part[] = []
    if (count >= 2 ** 31) return parts
    while (parts.length < count && this.left >= 8) {
      const format = this.word()
      const bytes = this.word()
      if (bytes > this.left) return parts
      parts.push({ format, content: this.bytes(bytes) })
      this.bytes(Math.min((4 - (bytes % 4)) % 4, this.left))
    }
    return parts
  }
}

/** What the samples of packets in a datagram say. Of one that is cut only what came before. */
export function referenceSamples(datagram: Bytes): Essence[] {
  try {
    const reader = new Reader(datagram)
    reader.word()
    const agent = [0, 4, 16][reader.word()]
    if (agent === undefined) return []
    reader.bytes(agent + 12)
    return reader.parts(reader.word()).flatMap(part => {
      const essence = sampleOf(part)
      return essence === undefined ? [] : [essence]
    })
  } catch {
    return []
  }
}

function sampleOf({ format, content }: Part): Essence | undefined {
  try {
    const reader = new Reader(content)
    const head = headOf(format, reader)
    return head === undefined ? undefined : packetOf(head, reader.parts(reader.word()))
  } catch {
    return undefined
  }
}

function headOf(format: number, reader: Reader): Essence | undefined {
  const words = (count: number) => Array.from({ length: count }, () => reader.word())
  if (format === 1) {
    const [, id = 0, rate = 0, , , input = 0, output = 0] = words(7)
    const forms = [input, output].flatMap(word => [Math.floor(word / 2 ** 30), word % 2 ** 30])
    return flowHead(Math.floor(id / 2 ** 24), id % 2 ** 24, rate, forms)
  }
  if (format === 3) {
    const [, sourceClass = 0, index = 0, rate = 0, , , ...forms] = words(10)
    return flowHead(sourceClass, index, rate, forms)
  }
  if (format !== 5) return undefined
  const [, sourceClass = 0, index = 0, , input = 0, output = 0, reason = 0] = words(7)
  const head = flowHead(sourceClass, index, 1, [0, input, 0, output])
  return { ...head, isDropped: 1, dropReason: reason | 0 }
}

function flowHead(sourceClass: number, index: number, rate: number, forms: readonly number[]): Essence {
  const [inputForm, input = 0, outputForm, output = 0] = forms
  const isIndex = (form: number | undefined, value: number) => form === 0 && value !== 2 ** 30 - 1
  return {
    sampler: sourceClass * 2 ** 32 + index,
    rate,
    inputInterface: isIndex(inputForm, input) ? input : 0,
    outputInterface: isIndex(outputForm, output) ? output : 0,
    isDropped: outputForm === 1 ? 1 : 0,
    dropReason: outputForm === 1 ? output : -1,
  }
}

function packetOf(head: Essence, parts: readonly Part[]): Essence | undefined {
  const packet = headerPacket(parts) ?? fieldsPacket(parts)
  if (packet === undefined || packet['bytes']! < 0 || packet['bytes']! > 2 ** 20) return undefined
  return { ...head, ...packet }
}

const signed = (word: number) => word | 0

function headerPacket(parts: readonly Part[]): Essence | undefined {
  const part = parts.find(({ format, content }) => format === 1 && content.length >= 16)
  if (part === undefined) return undefined
  const reader = new Reader(part.content)
  const [protocol = 0, length = 0, stripped = 0, bytes = 0] = [0, 0, 0, 0].map(() => reader.word())
  const link = LINKS.get(protocol)
  if (bytes > reader.left || link === undefined) return undefined
  const { outcome, fields } = decodeBytes(reader.bytes(bytes), { link })
  if (outcome !== OUTCOME.decoded) return undefined
  const { family, sourceA, targetA, targetD, protocol: inner, sourcePort, targetPort, ipLength } = fields
  const isStripped = signed(stripped) > 0 && signed(stripped) < signed(length)
  const whole = length === 0 ? ipLength || bytes : signed(length)
  const size = isStripped ? length - stripped : whole
  return { family, sourceA, targetA, targetD, protocol: inner, sourcePort, targetPort, bytes: size }
}

const LINKS: ReadonlyMap<number, number> = new Map([
  [1, LINK.ethernet],
  [7, LINK.ppp],
  [9, LINK.atm],
  [10, LINK.rawIp],
  [11, LINK.rawIp],
  [12, LINK.rawIp],
  [13, LINK.mpls],
  [14, LINK.ppp],
])

function fieldsPacket(parts: readonly Part[]): Essence | undefined {
  const last = (wanted: number, atLeast: number) =>
    parts.findLast(({ format, content }) => format === wanted && content.length >= atLeast)?.content
  const four = last(3, 28)
  const content = four ?? last(4, 52)
  if (content === undefined) return undefined
  const reader = new Reader(content)
  const length = signed(reader.word())
  const protocol = reader.word() % 256
  const little = (bytes: Bytes) => new DataView(Uint8Array.from(bytes).buffer).getInt32(0, true)
  const size = four ? 4 : 16
  const source = reader.bytes(size)
  const target = reader.bytes(size)
  const ports = [reader.word() % 65_536, reader.word() % 65_536]
  const isIcmp = protocol === 1 || protocol === 58
  const ethernet = last(2, 4)
  const frame = ethernet === undefined ? 0 : signed(new Reader(ethernet).word())
  return {
    family: four ? 4 : 6,
    sourceA: little(source),
    targetA: little(target),
    targetD: four ? 0 : little(target.slice(12)),
    protocol,
    sourcePort: isIcmp ? 0 : ports[0]!,
    targetPort: isIcmp ? 0 : ports[1]!,
    bytes: frame - 4 >= length ? frame - 4 : length,
  }
}
