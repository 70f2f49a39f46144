// Values of a fastnetmon.conf, read as leniently as FastNetMon reads them; what that hides is reported.

import type { Place, Problem } from '#lib/schema/problem.ts'
import { type ConfLine, confProblem, quote } from './conf-lines.ts'

interface NumberRange {
  /** When the key is missing. */
  readonly missing: number
  readonly min: number
  readonly max: number
}

const INT_MAX = 2 ** 31 - 1

export class ConfValues {
  readonly problems: Problem[] = []
  /** A switch may be asked for more than once; its odd value is reported once. */
  readonly #oddSwitches = new Set<string>()
  readonly #lines: ReadonlyMap<string, ConfLine>
  readonly #file: string

  /** Of repeated keys the last counts. */
  constructor(lines: readonly ConfLine[], file: string) {
    const byKey = new Map<string, ConfLine>()
    for (const line of lines) {
      const earlier = byKey.get(line.key)
      if (earlier !== undefined) {
        const message = `${line.key} was set on line ${earlier.place.line}; this line counts`
        this.problems.push(confProblem('fastnetmon-repeated-key', 'warning', line.place, message))
      }
      byKey.set(line.key, line)
    }
    this.#lines = byKey
    this.#file = file
  }

  has(key: string): boolean {
    return this.#lines.has(key)
  }

  /** The key of a hostgroup (`web_`) where it is set, else the general one, whose value the group then has. */
  nearestKey(group: string, key: string): string {
    return this.has(group + key) ? group + key : key
  }

  /** Where the key is set; the file as a whole when it is not. */
  place(key: string): Place {
    return this.#lines.get(key)?.place ?? { file: this.#file, line: 0, column: 0 }
  }

  text(key: string): string | undefined {
    const value = this.#lines.get(key)?.value
    return value === '' ? undefined : value
  }

  /** Exactly `on` is on. */
  isOn(key: string, missing = false): boolean {
    const line = this.#lines.get(key)
    if (line === undefined) return missing
    if (line.value !== 'on' && line.value !== 'off' && !this.#oddSwitches.has(key)) {
      this.#oddSwitches.add(key)
      const message = `${key}: ${quote(line.value)} is not on, so it is off`
      const hint = /\s[#;]/.test(line.value)
        ? 'there are no comments behind a value: put it on a line of its own'
        : 'write on or off'
      this.problems.push(confProblem('fastnetmon-switch', 'warning', line.place, message, hint))
    }
    return line.value === 'on'
  }

  /** The digits at the beginning, 0 when there are none (C `atoi`); beyond the range, its nearest end. */
  number(key: string, range: NumberRange): number {
    const line = this.#lines.get(key)
    if (line === undefined) return range.missing
    const digits = /^[+-]?\d+/.exec(line.value)?.[0]
    const read = Math.max(-INT_MAX, Math.min(INT_MAX, Number(digits ?? 0)))
    const used = Math.min(range.max, Math.max(range.min, read))
    if (digits !== line.value || used !== read) {
      const bounds = used === read ? '' : ` (possible are ${range.min} to ${range.max})`
      const message = `${key}: ${quote(line.value)} is read as ${used}${bounds}`
      this.problems.push(confProblem('fastnetmon-number', 'warning', line.place, message))
    }
    return used
  }

  choice<Choice extends string>(key: string, choices: readonly Choice[], missing: Choice): Choice {
    const line = this.#lines.get(key)
    if (line === undefined) return missing
    const chosen = choices.find(choice => choice === line.value)
    if (chosen !== undefined) return chosen
    const message = `${key}: expected one of ${choices.join(', ')}, found ${quote(line.value)}; ${missing} is used`
    this.problems.push(confProblem('fastnetmon-choice', 'warning', line.place, message))
    return missing
  }

  /** Parts between commas, trimmed, empty ones left out. */
  list(key: string): string[] {
    const parts = this.text(key)?.split(',') ?? []
    return parts.map(part => part.trim()).filter(part => part !== '')
  }
}
