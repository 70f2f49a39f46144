// The verb `protect preset`: shows what a protection profile lacks of the usual preset, and writes it into the configuration.

import { readFileSync } from 'node:fs'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { replaceFile } from '../config/replace-section.ts'
import { presetParts, withPreset } from '../protection/preset.ts'

export interface PresetOptions {
  /** A native configuration. */
  readonly file: string
  readonly profile: string
  readonly isConfirmed: boolean
}

interface Surroundings {
  out(text: string): void
  err(text: string): void
  question(text: string): Promise<string | undefined>
}

/** Exit code 0 when all of it is there, or is written; 1 when it is not. */
export async function protectPreset(
  { file, profile, isConfirmed }: PresetOptions,
  around: Surroundings,
): Promise<number> {
  const { out, err, question } = around
  const fail = (problem: string): number => {
    err(`floodwarden: ${problem}\n`)
    return 1
  }
  const loaded = loadConfig({ file })
  if (loaded.kind === 'refused') return fail(loaded.problems.map(formatProblem).join('\n'))
  if (loaded.origin !== 'native')
    return fail(`${file} is no native configuration: floodwarden check --to-yaml ${file} makes one`)
  const made = presetParts(loaded.config, profile)
  if (made.kind === 'refused') return fail(made.error)
  for (const { state, text } of made.parts) out(`${MARKS[state]}  ${text}\n`)
  if (made.parts.every(({ state }) => state === 'there')) return 0
  if (!isConfirmed && (await question(`Write this to ${file}? Type yes: `)) !== 'yes')
    return fail('nothing was written: type yes, or say --yes')
  const before = readFileSync(file, 'utf8')
  const after = withPreset(before, loaded.config, profile, made.parts)
  const again = loadConfig({ file, text: after })
  if (again.kind === 'refused')
    return fail(`it would not fit what is there: ${again.problems.map(formatProblem).join('\n')}`)
  const written = replaceFile(file, before, after)
  if (written.kind === 'failed') return fail(written.error)
  out(`written; what was there is in ${written.backup}. A daemon takes it up with floodwarden reload.\n`)
  return 0
}

const MARKS = { there: 'there   ', missing: 'missing ' } as const
