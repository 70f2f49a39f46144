// What became of each key that stands in the files of prefixd.

import type { Place, SettingPath } from '#lib/schema/problem.ts'
import { type KeyState, PREFIXD_KEYS, type PrefixdFile, type PrefixdKey } from './key-table.ts'
import type { Reading } from './reading.ts'

/** A kind of key, such as `playbooks[].name`; it may stand in the file many times. */
export interface KeyReport extends Place {
  readonly key: string
  readonly times: number
  readonly state: KeyState
  /** The native setting; empty when there is none. */
  readonly setting: string
  readonly note: string
}

interface Found {
  readonly path: SettingPath
  readonly value: unknown
  times: number
}

/** The keys of one file in the order in which they first stand there; unknown keys are told elsewhere. */
export function reportKeys(
  file: PrefixdFile,
  written: unknown,
  locate: (path: SettingPath) => Place,
): KeyReport[] {
  const reports: KeyReport[] = []
  for (const [key, { path, times }] of findKeys(file, written)) {
    const row = ROWS.get(rowName(file, key))
    if (row === undefined) continue
    const { state, setting, note } = row
    reports.push({ ...locate(path), key, times, state, setting, note })
  }
  return reports
}

/** Says of keys that have no effect why, and once of those that nothing here uses. */
export function sayKeys(file: PrefixdFile, written: unknown, reading: Reading): void {
  const kept: string[] = []
  for (const [key, { path, value }] of findKeys(file, written)) {
    const row = ROWS.get(rowName(file, key))
    if (row?.state === 'kept') kept.push(key)
    if (row?.state !== 'not-carried' || (row.silentAt !== undefined && row.silentAt === value)) continue
    const severity = row.isMissed ? 'warning' : 'notice'
    reading.say(severity, 'prefixd-not-carried', path, `has no effect. ${row.note}`)
  }
  if (kept.length === 0) return
  const message = `read, and used by nothing here: ${kept.join(', ')}`
  reading.say('notice', 'prefixd-kept', [], message)
}

const rowName = (file: PrefixdFile, key: string): string => `${file} ${key}`
const ROWS: ReadonlyMap<string, PrefixdKey> = new Map(
  PREFIXD_KEYS.map(row => [rowName(row.file, row.key), row]),
)

/** By the name in the table; sections whose keys are all in the table are gone into. */
function findKeys(file: PrefixdFile, written: unknown): Map<string, Found> {
  const found = new Map<string, Found>()
  const visit = (value: unknown, key: string, path: SettingPath): void => {
    const name = nameInTable(file, key)
    if (name !== undefined) {
      const known = found.get(name)
      if (known === undefined) found.set(name, { path, value, times: 1 })
      else known.times += 1
    } else if (Array.isArray(value)) {
      for (const [at, inner] of value.entries()) visit(inner, `${key}[]`, [...path, at])
    } else if (typeof value === 'object' && value !== null) {
      for (const [step, inner] of Object.entries(value))
        visit(inner, key === '' ? step : `${key}.${step}`, [...path, step])
    }
  }
  visit(written, '', [])
  return found
}

/** The key itself, or the row that stands for every name below its section. */
function nameInTable(file: PrefixdFile, key: string): string | undefined {
  if (ROWS.has(rowName(file, key))) return key
  const any = key.replace(/\.[^.]*$/, '.*')
  return any !== key && ROWS.has(rowName(file, any)) ? any : undefined
}
