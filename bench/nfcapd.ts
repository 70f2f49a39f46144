// nfcapd as installed: it receives NetFlow and IPFIX and writes them down, and counts for nobody.

import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { assert } from '#lib/assert.ts'
import { mustRun } from '../lab/command.ts'
import { endProcess, TELEMETRY_PORT } from './detector.ts'
import type { Stage } from './stage.ts'

const PROGRAM = '/usr/bin/nfcapd'
const READER = '/usr/bin/nfdump'
const SETTLE_MILLISECONDS = 700
/** It begins a new file so often; one is complete some time after. */
const FILE_SECONDS = 2
const COMPLETE_MILLISECONDS = 2.5 * FILE_SECONDS * 1000

export interface Writer extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** Records it has written down, when all that came is written. */
  accepted(): Promise<number>
}

export function hasNfcapd(): boolean {
  try {
    accessSync(PROGRAM, constants.X_OK)
    accessSync(READER, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts it with its own settings in the detector's namespace. */
export async function startNfcapd({ lab }: Stage): Promise<Writer> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-bench-'))
  const port = String(TELEMETRY_PORT.netflow)
  const argv = [PROGRAM, '-b', '127.0.0.1', '-p', port, '-t', String(FILE_SECONDS), '-w', folder]
  const child = lab.spawn('detector', argv, { stdio: 'ignore' })
  assert(child.pid !== undefined, 'a process that was started has a number')
  await delay(SETTLE_MILLISECONDS)
  return {
    name: 'nfcapd',
    pid: child.pid,
    accepted: async () => {
      await delay(COMPLETE_MILLISECONDS)
      const stdout = await mustRun([READER, '-I', '-R', folder], { timeoutMilliseconds: 60_000 })
      return Number(/^Flows:\s+(\d+)/m.exec(stdout)?.[1] ?? 0)
    },
    [Symbol.asyncDispose]: async () => {
      await endProcess(child, 'SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
