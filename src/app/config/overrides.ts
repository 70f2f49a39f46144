// Settings given on the command line: they replace those of the file and are checked by the same schema.

import type { Place, SettingsSource } from '#lib/schema/problem.ts'
import { put } from './validate.ts'

export interface Overrides {
  /** Empty: as configured. */
  readonly interfaces?: readonly string[] | undefined
  /** Empty: as configured. */
  readonly networks?: readonly string[] | undefined
  readonly detection?: string | undefined
  readonly metrics?: string | undefined
  readonly logLevel?: string | undefined
  readonly logFormat?: string | undefined
  readonly logFile?: string | undefined
  readonly pidFile?: string | undefined
  readonly onStop?: string | undefined
}

/** What each override sets, and what it is called in messages. */
const SETS: readonly { name: keyof Overrides; option: string; path: readonly string[] }[] = [
  { name: 'interfaces', option: 'argument INTERFACE', path: ['capture', 'interfaces'] },
  { name: 'networks', option: '--networks', path: ['networks'] },
  { name: 'detection', option: '--detection', path: ['detection', 'mode'] },
  { name: 'metrics', option: '--metrics', path: ['metrics', 'listen'] },
  { name: 'logLevel', option: '--log-level', path: ['log', 'level'] },
  { name: 'logFormat', option: '--log-format', path: ['log', 'format'] },
  { name: 'logFile', option: '--log-file', path: ['log', 'file'] },
  { name: 'pidFile', option: '--pid-file', path: ['process', 'pidFile'] },
  { name: 'onStop', option: '--on-stop', path: ['mitigation', 'onStop'] },
]

/** The source with the overrides in place; a problem with one of them is placed at its option. */
export function withOverrides(source: SettingsSource, overrides: Overrides): SettingsSource {
  const given = SETS.filter(({ name }) => isGiven(overrides[name]))
  if (given.length === 0) return source
  let settings = source.settings
  for (const { name, path } of given) settings = put(settings, path, overrides[name])
  // Who names interfaces wants to capture on them, whatever the file says.
  if (isGiven(overrides.interfaces)) settings = put(settings, ['capture', 'method'], 'af-packet')
  return {
    settings,
    problems: source.problems,
    locate(path, part): Place {
      const option = given.find(set => set.path.every((step, at) => path[at] === step))?.option
      return option === undefined ? source.locate(path, part) : { file: option, line: 0, column: 0 }
    },
  }
}

export const isGiven = (value: string | readonly string[] | undefined): boolean =>
  value !== undefined && value.length > 0
