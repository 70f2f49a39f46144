// A folder that goes when the test ends.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** What a test has not ended yet may still be writing into it. */
const TRIES = { maxRetries: 20, retryDelay: 50 }

/** Other users may look into it when a test lets a program run as one. */
export function temporaryFolder(t: TestContext, mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-test-'))
  chmodSync(folder, mode)
  t.after(() => rmSync(folder, { recursive: true, force: true, ...TRIES }))
  return folder
}
