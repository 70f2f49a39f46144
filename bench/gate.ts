// Gates: what a figure has to reach, said beside what it reached in this run.

import { record } from './record.ts'

export interface Gate {
  readonly what: string
  /** As people write it: `2.40 times`. */
  readonly measured: string
  readonly isMet: boolean
}

/** Prints the gates under a head, one line each. One whose figure could not be taken is left out by the caller, who says why. */
export function printGates(gates: readonly Gate[]): void {
  if (gates.length > 0) process.stdout.write('\nGATES\n')
  for (const { what, measured, isMet } of gates) {
    process.stdout.write(`${isMet ? 'met    ' : 'NOT MET'} ${what}: ${measured}\n`)
    record({ kind: 'gate', what, measured, isMet })
  }
}

/** A figure that may not be above a bound; one that could not be taken has not met it. */
export function atMost(what: string, figure: number, bound: number, unit: string): Gate {
  return {
    what: `${what} at most ${shown(bound)} ${unit}`,
    measured: Number.isNaN(figure) ? 'no figure' : `${shown(figure)} ${unit}`,
    isMet: figure <= bound,
  }
}

/** A figure that may be at most so many times another: gates against a peer, or against a plainer case of the same. */
export function timesAtMost(
  what: string,
  [figure, other]: readonly [figure: number, other: number],
  bound: number,
  unit: string,
): Gate {
  return {
    what: `${what} at most ${shown(bound)} times`,
    measured: `${shown(figure / other)} times (${shown(figure)} of ${shown(other)} ${unit})`,
    isMet: figure <= other * bound,
  }
}

/** Three significant digits, whole numbers whole. */
const shown = (number: number): string =>
  Number.isInteger(number) ? number.toLocaleString('en-US') : String(Number(number.toPrecision(3)))
