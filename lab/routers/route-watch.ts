// Every change of a router's blackholes, as its kernel tells them: what comes and goes between two looks is seen too.

import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Lab } from '../namespace.ts'

export interface RouteChange {
  readonly kind: 'added' | 'deleted'
  /** Address or prefix, as `ip` prints it. */
  readonly prefix: string
  /** Since 1970, as `ip` stamped it when the kernel told it. */
  readonly atMilliseconds: number
}

export class RouteWatch implements Disposable {
  readonly changes: RouteChange[] = []
  readonly #child: ChildProcess

  constructor(lab: Lab, role: string) {
    this.#child = lab.spawn(role, ['ip', '-ts', '-o', 'monitor', 'route'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: this.#child.stdout! }).on('line', line => {
      // The stamp is local time without a zone, as Date reads it.
      const [, stamp, deleted, prefix] = /^\[(\S+)\] ?(Deleted )?blackhole (\S+)/.exec(line) ?? []
      if (stamp === undefined || prefix === undefined) return
      const kind = deleted === undefined ? 'added' : 'deleted'
      this.changes.push({ kind, prefix, atMilliseconds: Date.parse(stamp) })
    })
  }

  [Symbol.dispose](): void {
    this.#child.kill()
  }
}
