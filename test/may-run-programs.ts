// Whether a test may go on: as root, and with the programs of Debian that it talks to.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { run } from '../lab/command.ts'
import { mayUseNamespaces } from './veth-pair.ts'

/** False: the test is skipped aloud, with what is missing. A machine that builds must have all of it. */
export async function mayRunPrograms(t: TestContext, programs: readonly string[]): Promise<boolean> {
  if (!mayUseNamespaces(t)) return false
  const missing: string[] = []
  for (const program of programs) {
    if ((await run(['sh', '-c', `PATH=$PATH:/usr/sbin command -v ${program}`])).code !== 0)
      missing.push(program)
  }
  return mayGoOn(t, missing)
}

/** The same for a program that is named by its path, which needs no root. */
export const mayRunProgram = (t: TestContext, path: string): boolean =>
  mayGoOn(t, existsSync(path) ? [] : [path])

/** False: what is missing is said, and the test is skipped aloud. Under CI=true it fails instead. */
export function mayGoOn(t: TestContext, missing: readonly string[]): boolean {
  if (missing.length === 0) return true
  assert.notEqual(process.env['CI'], 'true', `${missing.join(', ')} is missing, and CI=true forbids to skip`)
  t.skip(`needs ${missing.join(', ')}`)
  return false
}
