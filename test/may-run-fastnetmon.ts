// Whether a test may start the real FastNetMon: as root, and where Debian's package is installed.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { FASTNETMON } from '../lab/peer/fastnetmon.ts'
import { mayUseNamespaces } from './veth-pair.ts'

/** False: the test is skipped aloud. A machine that builds must have both. */
export function mayRunFastnetmon(t: TestContext): boolean {
  if (!mayUseNamespaces(t)) return false
  if (existsSync(FASTNETMON)) return true
  assert.notEqual(process.env['CI'], 'true', 'fastnetmon is not installed, and CI=true forbids to skip this')
  t.skip('needs fastnetmon, of Debian')
  return false
}
