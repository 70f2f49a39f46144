// A file of prefixd that was read: what becomes of its keys, and what there is to say about them, each with its line.

import {
  formatPath,
  type Place,
  type Problem,
  type SettingPath,
  type SettingsSource,
  type Severity,
} from '#lib/schema/problem.ts'
import type { PrefixdErrorCode } from './errors.ts'
import type { Placed } from './native-tree.ts'

export class Reading {
  readonly placed: Placed[] = []
  readonly problems: Problem[] = []
  readonly #source: SettingsSource

  constructor(source: SettingsSource) {
    this.#source = source
  }

  /** `from` becomes the native setting `path`; nothing does when there is no value. */
  carry(path: SettingPath, value: unknown, from: SettingPath): void {
    if (value !== undefined && value !== null) this.placed.push({ path, value, place: this.place(from) })
  }

  place(from: SettingPath, part: 'key' | 'value' = 'value'): Place {
    return this.#source.locate(from, part)
  }

  say(severity: Severity, code: PrefixdErrorCode, from: SettingPath, message: string, hint?: string): void {
    const place = this.place(from, severity === 'error' ? 'value' : 'key')
    this.problems.push({ ...place, code, severity, path: formatPath(from), message, hint })
  }

  /** The number, or the nearest one that is possible here, which is told. */
  atMost(value: number, most: number, from: SettingPath): number {
    if (value <= most) return value
    this.say('warning', 'prefixd-bound', from, `${value} is more than is possible here; ${most} is taken`)
    return most
  }
}
