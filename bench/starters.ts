// Detectors by name, as the benches start them side by side.

import type { Detector, DetectorOptions } from './detector.ts'
import { hasFastnetmon, startFastnetmon } from './fastnetmon.ts'
import { startFloodwarden } from './floodwarden.ts'

export type Start = (options: DetectorOptions) => Promise<Detector>

/** As it comes, flows counted and evidence weighed. */
export const OURS = 'Floodwarden'
/** Deciding as FastNetMon does. */
export const PLAIN = 'Floodwarden, plain'
export const PEER = 'FastNetMon, tracking off'
export const PEER_TRACKING = 'FastNetMon, tracking on'

const STARTS = {
  [OURS]: startFloodwarden,
  [PLAIN]: (options: DetectorOptions) => startFloodwarden({ ...options, mode: 'plain' }),
  [PEER]: (options: DetectorOptions) => startFastnetmon({ ...options, tracking: false }),
  [PEER_TRACKING]: (options: DetectorOptions) => startFastnetmon({ ...options, tracking: true }),
} as const satisfies Readonly<Record<string, Start>>
export type DetectorName = keyof typeof STARTS

export const isPeer = (name: string): boolean => name === PEER || name === PEER_TRACKING

/** How to start each of these; FastNetMon is left out where it is not installed. */
export const startsOf = (...names: readonly DetectorName[]): Start[] =>
  names.filter(name => !isPeer(name) || hasFastnetmon()).map(name => STARTS[name])
