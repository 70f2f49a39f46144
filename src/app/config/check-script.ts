// Whether the notify script is there and may be called, asked before the first attack rather than during it.

import { type Stats, statSync } from 'node:fs'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import type { Config } from './config.ts'
import type { ConfigErrorCode } from './errors.ts'
import { problemAt } from './problems.ts'

const EXECUTABLE_BY_SOMEBODY = 0o111
const WRITABLE_BY_OTHERS = 0o002

/** Warnings only: the script may be put in place later, and detection does not need it. */
export function checkScript(config: Config, source: SettingsSource): Problem[] {
  const { path } = config.enforcement.notifyScript
  if (path === undefined) return []
  const report = (code: ConfigErrorCode, message: string): Problem[] => [
    problemAt(source, code, 'warning', ['enforcement', 'notifyScript', 'path'], `${path} ${message}`),
  ]
  const stat = statOf(path)
  if (typeof stat === 'string') return report('config-script-missing', `is not there (${stat})`)
  if (!stat.isFile()) return report('config-script-missing', 'is no regular file')
  return [
    ...((stat.mode & EXECUTABLE_BY_SOMEBODY) === 0
      ? report('config-script-not-executable', 'may not be executed')
      : []),
    ...((stat.mode & WRITABLE_BY_OTHERS) === 0
      ? []
      : report('config-script-writable', 'may be changed by everybody')),
  ]
}

/** What the file is, or the name of the error that hides it. */
function statOf(path: string): Stats | string {
  try {
    return statSync(path)
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  }
}
