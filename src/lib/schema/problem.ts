// What is wrong with a configuration, where it was written, and what to do: problems are values, never thrown.

/** A position in a file. Line and column count from 1; line 0 means the file (or option) as a whole. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * Error: the whole file is refused. Warning: the file is used, and something in it will not do what it seems to say.
 * Notice: the file is used as written, and there is something worth knowing.
 */
export type Severity = 'error' | 'warning' | 'notice'

export interface Problem extends Place {
  /** Stable name of the kind of problem; the catalogue of errors explains each. */
  readonly code: string
  readonly severity: Severity
  /** The setting, such as `capture.interfaces[0]`; empty when the problem is not about one. */
  readonly path: string
  readonly message: string
  readonly hint: string | undefined
}

/** One kind of failure for the catalogue of errors: what happened, what it means for traffic, what to do. */
export interface CatalogueEntry {
  readonly code: string
  readonly what: string
  readonly means: string
  readonly do: string
}

export type SettingPath = readonly (string | number)[]

/** A configuration file that was read but not yet validated: a tree of settings that knows where each was written. */
export interface SettingsSource {
  readonly settings: unknown
  readonly problems: readonly Problem[]
  /** Where the key or the value of a setting stands; where it is not written, the nearest setting around it. */
  locate(path: SettingPath, part: 'key' | 'value'): Place
}

/** `capture.interfaces[0]` from its parts. */
export function formatPath(path: SettingPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some(problem => problem.severity === 'error')
