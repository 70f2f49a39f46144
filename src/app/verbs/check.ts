// The verb check: reads a configuration, says what is wrong with it and what it means.

import { formatProblem } from '#app/config/format-problem.ts'
import { type Loaded, type LoadOptions, loadConfig } from '#app/config/load.ts'
import { summarize, summaryLines } from '#app/config/summary.ts'
import { toYaml } from '#app/config/to-yaml.ts'
import type { KeyReport } from '#compat/prefixd/key-report.ts'
import type { Problem } from '#lib/schema/problem.ts'

export interface CheckOptions extends Omit<LoadOptions, 'file'> {
  readonly json?: boolean
  /** Write the native equivalent instead; problems go to `writeError`. */
  readonly toYaml?: boolean
}

/**
 * Writes what `floodwarden run` would do with the file (`undefined`: without one); nothing is started.
 * Returns the exit code: 0 when the file would be used, 1 when it would be refused.
 */
export function check(
  file: string | undefined,
  options: CheckOptions,
  write: (text: string) => void,
  writeError: (text: string) => void = write,
): number {
  const loaded = loadConfig({ ...options, file })
  if (options.toYaml === true && loaded.kind === 'ok') {
    writeError(problemLines(loaded.problems))
    write(toYaml(loaded.source, file ?? 'the defaults'))
    return 0
  }
  write(
    options.json === true ? `${JSON.stringify(factsOf(file, loaded), withoutSecrets, 2)}\n` : textOf(loaded),
  )
  return loaded.kind === 'ok' ? 0 : 1
}

function factsOf(file: string | undefined, loaded: Loaded): unknown {
  const { problems } = loaded
  if (loaded.kind === 'refused') return { file: file ?? null, valid: false, problems }
  const { config, origin, keys } = loaded
  const told = keys.length === 0 ? {} : { keys }
  return { file: file ?? null, valid: true, problems, summary: summarize(config, origin), ...told, config }
}

function textOf(loaded: Loaded): string {
  const said = problemLines(loaded.problems)
  const counted = `${countText(loaded.problems)}\n`
  if (loaded.kind === 'refused') return `${said}\nrefused: ${counted}`
  const meaning = summaryLines(summarize(loaded.config, loaded.origin)).join('\n')
  const keys = loaded.keys.map(key => `${keyLine(key)}\n`).join('')
  const table = keys === '' ? '' : `\n${keys}`
  return `${said}${said === '' ? '' : '\n'}${meaning}\n${table}\nvalid: ${counted}`
}

/** `/etc/prefixd/prefixd.yaml:3: mode: honoured (mitigation.armed)`. */
function keyLine({ file, line, key, times, state, setting, note }: KeyReport): string {
  const often = times === 1 ? '' : `, ${times} times`
  const becomes = setting === '' ? note : setting
  return `${file}:${line}: ${key}${often}: ${state.replace('-', ' ')}${becomes === '' ? '' : ` (${becomes})`}`
}

/** What opens other doors is in the file, and not in the output that is sent to somebody. */
const withoutSecrets = (key: string, value: unknown): unknown =>
  /password|secret|token/i.test(key) && typeof value === 'string' && value !== '' ? '(hidden)' : value

const problemLines = (problems: readonly Problem[]): string =>
  problems.map(problem => `${formatProblem(problem)}\n`).join('')

/** `2 errors, 1 warning`. */
function countText(problems: readonly Problem[]): string {
  const parts = (['error', 'warning', 'notice'] as const).flatMap(severity => {
    const count = problems.filter(problem => problem.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  return parts.length === 0 ? 'no problems' : parts.join(', ')
}
