// Shapes of made-up frames, for tests: decoded by the real decoder, told apart by whose address they carry.

import assert from 'node:assert/strict'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { LINK, OUTCOME, Sample } from '#2-decode/sample.ts'
import { TrafficShape } from './shape.ts'

const OURS_V4 = 10
const OURS_V6 = '20010db80010'

/** The shape of frames towards our networks of the lab (`incoming`), or from them. */
export function shapeOfFrames(
  frames: readonly Uint8Array[],
  direction: 'incoming' | 'outgoing' = 'incoming',
  weight = 1,
): TrafficShape {
  const shape = new TrafficShape(direction === 'incoming')
  const sample = new Sample()
  for (const bytes of frames) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    assert.equal(decodeFrame(view, 0, bytes.length, LINK.ethernet, false, sample), OUTCOME.decoded)
    if (isTowardsUs(bytes, sample) === (direction === 'incoming'))
      shape.add(sample, view, bytes.length, weight)
    else shape.addReply(sample, weight)
  }
  return shape
}

function isTowardsUs(bytes: Uint8Array, { family, ipOffset }: Sample): boolean {
  if (family === 4) return bytes[ipOffset + 16] === OURS_V4
  return bytes.subarray(ipOffset + 24, ipOffset + 30).toHex() === OURS_V6
}
