// Whether the notify script is there and may be called, asked before the first attack rather than during it.

import { closeSync, existsSync, openSync, readSync, type Stats, statSync } from 'node:fs'
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
    ...interpreterProblems(path).flatMap(message => report('config-script-interpreter', message)),
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

/** What keeps the kernel from starting the file, as far as its first line shows (execve(2)). */
function interpreterProblems(path: string): string[] {
  const head = headOf(path)
  if (head === undefined) return []
  if (head.length === 0) return ['is empty']
  if (head.startsWith('\x7fELF')) return []
  if (!head.startsWith('#!')) return ['does not begin with #!, so /bin/sh runs it']
  const [line = ''] = head.slice(2).split('\n', 1)
  const interpreter = line.trim().split(/\s+/)[0] ?? ''
  if (/\r$/.test(line)) return [`has CR LF at the end of its lines: ${interpreter} is looked for with a CR`]
  return existsSync(interpreter) ? [] : [`is to be run by ${interpreter || 'nothing'}, which is not there`]
}

/** The kernel looks at so much of a file. */
const HEAD_BYTES = 256

/** The first bytes as characters; `undefined` when this user may not read them. */
function headOf(path: string): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const bytes = Buffer.alloc(HEAD_BYTES)
    return bytes.toString('latin1', 0, readSync(file, bytes))
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
