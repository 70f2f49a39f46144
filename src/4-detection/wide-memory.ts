// What is kept of each host to judge wholes. It outlives a change of the configuration: reserved once, for all hosts there can be.

import { HostLoads } from './prefix-loads.ts'

export class WideMemory {
  /** By host: 1 while it has an attack of its own. */
  readonly isHeld: Uint8Array
  /** By host: number of its rung of the ladder, 0 for none. */
  readonly rungOf: Int32Array
  readonly loads: HostLoads

  /** `hosts`: highest host number + 1. */
  constructor(hosts: number) {
    this.isHeld = new Uint8Array(hosts)
    this.rungOf = new Int32Array(hosts)
    this.loads = new HostLoads(hosts)
  }

  /** Hosts below `bound` are to be attached again. */
  forget(bound: number): void {
    this.rungOf.fill(0, 0, bound)
  }
}
