// Running programs of this checkout as a user without any permission. Needs root.

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { run } from '../lab/command.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const NOBODY = 65_534

/** Before the words of a program: it runs as nobody. */
export const AS_NOBODY = [
  'setpriv',
  '--reuid',
  `${NOBODY}`,
  '--regid',
  `${NOBODY}`,
  '--clear-groups',
] as const

const ROOT = join(import.meta.dirname, '..')
const NEEDED = ['floodwarden', 'package.json', 'src', 'lab', 'config', 'node_modules']

/** This checkout, or a copy of it where others may not read this one. */
export async function checkoutForNobody(t: TestContext): Promise<string> {
  const { code } = await run([...AS_NOBODY, join(ROOT, 'floodwarden'), 'version'])
  if (code === 0) return ROOT
  const folder = temporaryFolder(t, 0o755)
  for (const name of NEEDED) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  }
  return folder
}
