// Gates: what a figure has to reach, said beside what it reached in this run.

export interface Gate {
  readonly what: string
  /** As people write it: `2.40 times`. */
  readonly measured: string
  readonly isMet: boolean
}

/** Prints one line per gate. A gate whose figure could not be taken is left out by the caller, who says why. */
export function printGates(gates: readonly Gate[]): void {
  for (const { what, measured, isMet } of gates) {
    process.stdout.write(`gate ${isMet ? 'met    ' : 'NOT MET'} ${what}: ${measured}\n`)
  }
}
