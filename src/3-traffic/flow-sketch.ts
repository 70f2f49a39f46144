// Distinct flows per host and second in 64 bytes: a HyperLogLog sketch that is counted while it is filled.
//
// A flow's hash picks one of 120 registers and a rank (leading zeros of the rest, plus one); a register keeps the highest
// rank it saw. Counting at the end (Flajolet 2007) would touch all registers and err by 1.04/sqrt(120) = 9.5 %. The worker
// is the only writer and sees every change, so the estimate is kept as it goes: each change adds the inverse of the
// chance that a new flow changes anything (the martingale or HIP estimator: Ting 2014, Cohen 2015), which errs by
// 0.833/sqrt(120) = 7.6 % and is exact for the first few flows. The hot path calls on it when a rank is higher (count.ts).
//
// Why 120: registers, estimate of the window before, and nothing else fill one cache line of 64 bytes.

import type { Sample } from '#2-decode/sample.ts'
import { foldAddress } from './address-hash.ts'
import {
  BEFORE,
  CHANCE,
  ESTIMATE,
  type HostTables,
  LINE,
  SKETCH,
  SKETCH_REGISTERS,
  STAMP,
} from './host-tables.ts'

/** Spreads a flow over 32 bits: the other end's address (or its hash), both ports as they stand on the wire, the protocol. */
export function flowHash(seed: number, remote: number, ports: number, protocol: number): number {
  let h = Math.imul(remote ^ seed, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13) ^ ports, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16) ^ protocol, 0x27d4eb2f)
  return h ^ (h >>> 15)
}

/** One word for the other end of a packet, for the hash of its flow. */
export function remoteWord(s: Sample, isIncoming: boolean, seed: number, other: number): number {
  if (s.family !== 6) return isIncoming ? s.sourceA : s.targetA
  return isIncoming
    ? foldAddress(s.sourceA, s.sourceB, s.sourceC, s.sourceD, seed, other)
    : foldAddress(s.targetA, s.targetB, s.targetC, s.targetD, seed, other)
}

/** Highest rank a four-bit register holds; one that holds it cannot change any more. */
export const RANK_MAX = 15

/** The chance that a new flow changes the sketch is counted in these parts: a register of rank r holds 2^(15 - r) of them. */
const PARTS = 1 << RANK_MAX
export const ALL_PARTS = SKETCH_REGISTERS * PARTS
/** What a register of this rank holds; one of the highest cannot change any more. */
export const partsOf = (rank: number): number => (PARTS >> rank) & -2

/** A register takes a higher rank: the estimate grows by the inverse of the chance that a flow changes anything. */
export function raiseRank(
  bytes: Uint8Array,
  words: Int32Array,
  floats: Float32Array,
  line: number,
  register: number,
  shift: number,
  found: number,
): void {
  const rank = found > RANK_MAX ? RANK_MAX : found
  const held = bytes[register]!
  const before = (held >>> shift) & 15
  if (rank <= before) return
  const chance = words[line | CHANCE]!
  floats[line | ESTIMATE]! += ALL_PARTS / chance
  words[line | CHANCE] = (chance - partsOf(before) + partsOf(rank)) | 0
  bytes[register] = (held & ~(15 << shift)) | (rank << shift)
}

/**
 * Begins window `window` for a line that was last written in window `stamp`: keeps its estimate
 * if that was the window before.
 */
export function rollWindow(tables: HostTables, line: number, stamp: number, window: number): void {
  const { counters, counterFloats } = tables
  const at = line * LINE
  const estimate = stamp !== 0 && stamp === window - 1 ? counterFloats[at + ESTIMATE]! : 0
  for (let word = at + SKETCH; word < at + BEFORE; word++) counters[word] = 0
  counterFloats[at + BEFORE] = estimate
  counterFloats[at + ESTIMATE] = 0
  counters[at + CHANCE] = ALL_PARTS
}

/** Flows of a line in the window before `window`, the current one. */
export function flowsBefore(tables: HostTables, line: number, window: number): number {
  const at = line * LINE
  const stamp = tables.counters[at + STAMP]!
  if (stamp === 0) return 0
  if (stamp === window) return tables.counterFloats[at + BEFORE]!
  return stamp === window - 1 ? tables.counterFloats[at + ESTIMATE]! : 0
}

/** Flows of a line in the current window so far. */
export function flowsNow(tables: HostTables, line: number, window: number): number {
  const at = line * LINE
  return tables.counters[at + STAMP] === window ? tables.counterFloats[at + ESTIMATE]! : 0
}
