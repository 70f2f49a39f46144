// The one place where a test is skipped: what it needs of the machine is missing. A machine that builds must have all of it.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'

/** False: what is missing is said, and the test is skipped aloud. Under CI=true it fails instead. */
export function mayGoOn(t: TestContext, missing: readonly string[]): boolean {
  if (missing.length === 0) return true
  assert.notEqual(process.env['CI'], 'true', `${missing.join(', ')} is missing, and CI=true forbids to skip`)
  t.skip(`needs ${missing.join(', ')}`)
  return false
}

/** Whether the test may go on as root, with namespaces and interfaces of its own. */
export const mayUseNamespaces = (t: TestContext): boolean =>
  mayGoOn(t, process.getuid?.() === 0 ? [] : ['root'])
