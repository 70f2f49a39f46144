// A folder with a script for detectors to call, where script and generator write down when they began.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface StampedBan {
  readonly host: string
  /** When the script began, in seconds since 1970. */
  readonly at: number
}

export class StampFolder implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  readonly script = join(this.#folder, 'stamp.sh')
  readonly #bans = join(this.#folder, 'bans')
  /** For the generator. */
  readonly first = join(this.#folder, 'first')

  constructor() {
    // Bash knows the time without starting another program.
    const lines = [
      '#!/bin/bash',
      'now=$EPOCHREALTIME',
      `[ "$4" = ban ] && echo "$1 $now" >> '${this.#bans}'`,
      'cat > /dev/null',
    ]
    writeFileSync(this.script, `${lines.join('\n')}\n`, { mode: 0o755 })
    writeFileSync(this.#bans, '')
  }

  /** All bans so far, in the order in which the script was called. */
  bans(): StampedBan[] {
    const lines = readFileSync(this.#bans, 'utf8').split('\n').slice(0, -1)
    return lines.map(line => {
      const [host = '', at = ''] = line.split(' ')
      return { host, at: Number(at.replace(',', '.')) }
    })
  }

  /** When the generator sent its first packet, in seconds since 1970. */
  firstSentAt(): number {
    return Number(readFileSync(this.first, 'utf8')) / 1e9
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
