// Checks the types of the console's components. What does it needs a TypeScript with an interface for programs, which that of
// the rest no longer has: both live in a workspace of their own beside this file.

import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** Of a second working tree the packages may lie in the first. */
const homes = [ROOT, dirname(realpathSync(join(ROOT, 'node_modules')))]
const program = homes
  .map(home => join(home, 'web/check/node_modules/svelte-check/bin/svelte-check'))
  .find(path => existsSync(path))

if (program === undefined) {
  console.error('types of the console: svelte-check is not installed; run npm ci')
  process.exitCode = 1
} else {
  const { status } = spawnSync(
    process.execPath,
    [
      program,
      ...['--workspace', join(ROOT, 'web'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
      ...['--output', 'human'],
    ],
    { stdio: 'inherit' },
  )
  process.exitCode = status ?? 1
}
