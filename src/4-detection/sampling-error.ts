// How sure a number is that was counted from samples: one packet in N seen stands for N, with an error.

/** What each sample of bytes may be at most, on most links. */
const PACKET_BYTES = 1514

/**
 * Standard error of a count made at 1:`samplingRate`: k packets seen stand for k N, with an error of N sqrt(k). For bytes
 * each packet weighs its length, at most a full one. 0 when every packet is counted.
 */
export function standardError(
  passed: number,
  unit: 'packets' | 'bits' | 'flows',
  samplingRate: number,
): number {
  if (samplingRate <= 1 || unit === 'flows') return 0
  return Math.sqrt(passed * samplingRate * (unit === 'bits' ? PACKET_BYTES : 1))
}
