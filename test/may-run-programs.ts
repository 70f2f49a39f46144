// Whether a test may go on: as root, and with the programs of Debian that it talks to.

import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { run } from '../lab/command.ts'
import { mayGoOn, mayUseNamespaces } from './may-go-on.ts'

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
