// The configuration as it goes into a backup: the file as the operator wrote it.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ArchivedConfig } from '#store/archive-format.ts'

/** `undefined` without a file. Throws what reading it throws: a backup without what it should have is none. */
export const archivedConfig = (file: string | undefined): ArchivedConfig | undefined =>
  file === undefined ? undefined : { file: resolve(file), text: readFileSync(file, 'utf8') }
