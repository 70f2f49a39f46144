// Honest traffic above a limit as capture files, a case each, and whom it got banned.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BENIGN_CASES, type BenignCase, benignFrames } from '../lab/benign/benign.ts'
import { writePcap } from '../lab/write-pcap.ts'
import { SNAP_BYTES } from './ring-frames.ts'

/** What a detector made of the cases. */
export interface BenignRun {
  readonly detector: string
  /** How often each case came. */
  readonly rounds: number
  /** Hosts, once for each ban. */
  readonly banned: readonly string[]
}

export interface BenignFile {
  readonly one: BenignCase
  readonly path: string
}

/** The files, until they are disposed of. */
export class BenignFiles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  readonly files: readonly BenignFile[]

  /** `limit` is what the traffic goes above, packets per second. */
  constructor(limit: number) {
    this.files = BENIGN_CASES.map(one => {
      const path = join(this.folder, `${one.name}.pcap`)
      writePcap(path, benignFrames(one, { limit }), SNAP_BYTES)
      return { one, path }
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
