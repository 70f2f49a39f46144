// What a notify script tells: into its log file, and on standard error what somebody should know.

import { appendFileSync } from 'node:fs'
import { errorText } from '#lib/log/facts.ts'

export type Level = 'info' | 'warning' | 'error'

export interface JournalPlace {
  /** Of the script, as its lines begin. */
  readonly name: string
  readonly file: string
  readonly isVerbose: boolean
  readonly err: (text: string) => void
}

export class Journal {
  readonly #place: JournalPlace
  #isFileGood = true

  constructor(place: JournalPlace) {
    this.#place = place
  }

  /** What others wrote may stand in it, so it becomes one printable line. */
  note(level: Level, text: string): void {
    const { name, file, isVerbose, err } = this.#place
    const line = `${level}: ${text.replace(/\p{Cc}+/gu, ' ')}`
    if (this.#isFileGood) {
      try {
        const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
        appendFileSync(file, `${at} ${name}[${process.pid}]: ${line}\n`, { mode: 0o640 })
      } catch (error) {
        this.#isFileGood = false
        err(`${name}: the log cannot be written, so all is told here: ${errorText(error)}\n`)
      }
    }
    if (isVerbose || level !== 'info' || !this.#isFileGood) err(`${name}: ${line}\n`)
  }
}
