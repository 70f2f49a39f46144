// What decode-attack tells: into its log file, and on standard error what somebody should know.

import { appendFileSync } from 'node:fs'

export type Level = 'info' | 'warning' | 'error'

export class Journal {
  readonly #file: string
  readonly #isVerbose: boolean
  readonly #err: (text: string) => void
  #isFileGood = true

  constructor(file: string, isVerbose: boolean, err: (text: string) => void) {
    this.#file = file
    this.#isVerbose = isVerbose
    this.#err = err
  }

  /** What others wrote may stand in it, so it becomes one printable line. */
  note(level: Level, text: string): void {
    const line = `${level}: ${text.replace(/\p{Cc}+/gu, ' ')}`
    if (this.#isFileGood) {
      try {
        const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
        appendFileSync(this.#file, `${at} floodwarden-decode-attack[${process.pid}]: ${line}\n`, {
          mode: 0o640,
        })
      } catch {
        this.#isFileGood = false
      }
    }
    if (this.#isVerbose || level !== 'info' || !this.#isFileGood)
      this.#err(`floodwarden-decode-attack: ${line}\n`)
  }
}
