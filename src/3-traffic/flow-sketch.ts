// Distinct flows per host and second in 64 bytes: a HyperLogLog sketch that is counted while it is filled.
//
// A flow's hash picks one of 128 registers and a rank (leading zeros of the rest, plus one); a register keeps the highest
// rank it saw. Counting at the end (Flajolet 2007) would touch all registers and err by 1.04/sqrt(128) = 9.2 %. The worker
// is the only writer and sees every change, so the estimate is kept as it goes: each change adds the inverse of the
// chance that a new flow changes anything (the martingale or HIP estimator: Ting 2014, Cohen 2015), which errs by
// 0.833/sqrt(128) = 7.4 % and is exact for the first few flows. The hot path carries the same steps inline (count.ts).

import { FLOW, FLOW_RECORD, type HostTables, SKETCH_BYTES, SKETCH_REGISTERS } from './host-tables.ts'

/** Highest rank a four-bit register holds; one that holds it cannot change any more. */
export const RANK_MAX = 15

/** By rank: the chance that a new flow changes a register that holds it, divided by the number of registers. */
export const CHANCE = Float64Array.from({ length: RANK_MAX + 1 }, (_, rank) =>
  rank === RANK_MAX ? 0 : 2 ** -rank / SKETCH_REGISTERS,
)

/** Begins a new window for one line (2 x slot + direction): keeps the last estimate if it is of the window before. */
export function rollWindow(tables: HostTables, line: number, window: number): void {
  const at = line * FLOW_RECORD
  const { flows, flowWindows, sketches } = tables
  flows[at + FLOW.before] =
    flowWindows[at + FLOW.window] === ((window - 1) | 0) ? flows[at + FLOW.estimate]! : 0
  flows[at + FLOW.estimate] = 0
  flows[at + FLOW.chance] = 1
  flowWindows[at + FLOW.window] = window
  sketches.fill(0, line * SKETCH_BYTES, (line + 1) * SKETCH_BYTES)
}

/** Flows of a line in a window that has ended; 0 when the line saw none then. `window` is the one after it or later. */
export function flowsOf(tables: HostTables, line: number, ended: number): number {
  const at = line * FLOW_RECORD
  const window = tables.flowWindows[at + FLOW.window]!
  if (window === ended) return tables.flows[at + FLOW.estimate]!
  if (window === ((ended + 1) | 0)) return tables.flows[at + FLOW.before]!
  return 0
}
