// Whether a test may start the real FastNetMon: as root, and where Debian's package is installed.

import { existsSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { FASTNETMON } from '../lab/peer/fastnetmon.ts'
import { mayGoOn, mayUseNamespaces } from './may-go-on.ts'

/** False: the test is skipped aloud. A machine that builds must have both. */
export const mayRunFastnetmon = (t: TestContext): boolean =>
  mayUseNamespaces(t) && mayGoOn(t, existsSync(FASTNETMON) ? [] : ['fastnetmon, of Debian'])
