// Hot path. VLAN tags (IEEE 802.1Q, 802.1ad).

import { OUTCOME, type Sample } from '#2-decode/sample.ts'
import { step } from './layer.ts'

const { cut } = OUTCOME

const TAG_BYTES = 4
const IDENTIFIER = 0x0fff

/** One tag; a stack is walked tag by tag. The outermost identifier goes to the sample (0 marks priority only and is none). */
export function stepVlan(frame: DataView, at: number, end: number, sample: Sample): number {
  if (end - at < TAG_BYTES) return -cut
  if (sample.vlan === 0) sample.vlan = frame.getUint16(at) & IDENTIFIER
  return step(TAG_BYTES, frame.getUint16(at + 2))
}
