// Decodes one frame for a test: in the middle of foreign bytes, into a sample full of another packet's fields.

import assert from 'node:assert/strict'
import { LINK, OUTCOME, Sample } from '#2-decode/sample.ts'
import { decodeFrame, decodeIp } from './decode-frame.ts'
import type { Bytes } from './frames-for-tests.ts'

const MARGIN = 64

export type Fields = { [Name in keyof Sample as Sample[Name] extends number ? Name : never]: number }

export interface Decoded {
  readonly outcome: number
  /** As after any decode, with offsets counted from the first byte of the frame. */
  readonly fields: Fields
}

interface Options {
  readonly link?: number
  readonly insideTunnels?: boolean
  /** The byte that stands before and behind the frame. */
  readonly poison?: number
}

/** `link` -1 stands for bytes that begin with an IP header. */
export const WITHOUT_LINK = -1

export function decodeBytes(bytes: Bytes, options: Options = {}): Decoded {
  const { link = LINK.ethernet, insideTunnels = false, poison = 0xee } = options
  const memory = new Uint8Array(bytes.length + 2 * MARGIN).fill(poison)
  memory.set(bytes, MARGIN)
  const view = new DataView(memory.buffer)
  const end = MARGIN + bytes.length
  const sample = new Sample()
  const names = Object.keys(sample) as (keyof Fields)[]
  for (const name of names) sample[name] = 99
  const outcome =
    link === WITHOUT_LINK
      ? decodeIp(view, MARGIN, end, insideTunnels, sample)
      : decodeFrame(view, MARGIN, end, link, insideTunnels, sample)
  const fields: Fields = { ...sample }
  if (outcome === OUTCOME.decoded) {
    fields.ipOffset -= MARGIN
    if (fields.transportOffset > 0) fields.transportOffset -= MARGIN
  }
  return { outcome, fields }
}

/** Fails unless the frame is decoded and says what is expected of the fields that are named. */
export function assertDecodes(bytes: Bytes, expected: Partial<Fields>, options: Options = {}): void {
  const { outcome, fields } = decodeBytes(bytes, options)
  assert.equal(outcome, OUTCOME.decoded)
  const names = Object.keys(expected) as (keyof Fields)[]
  assert.deepEqual(Object.fromEntries(names.map(name => [name, fields[name]])), expected)
}

/** Fails unless the outcome is the one named and no field says anything. */
export function assertOutcome(bytes: Bytes, outcome: keyof typeof OUTCOME, options: Options = {}): void {
  const decoded = decodeBytes(bytes, options)
  assert.equal(decoded.outcome, OUTCOME[outcome])
  if (outcome !== 'decoded')
    assert.deepEqual(
      Object.values(decoded.fields).filter(value => value !== 0),
      [],
    )
}

/** Four bytes as the little-endian word of a sample. */
export const word = (bytes: Bytes, at = 0): number =>
  new DataView(Uint8Array.from(bytes).buffer).getInt32(at, true)
