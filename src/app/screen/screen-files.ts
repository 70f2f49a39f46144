// Draws the screen into files, each put in place at once: a reader sees a whole one, and a link is replaced, not followed.

import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'

export interface ScreenFilesOptions {
  readonly files: readonly { readonly path: string; readonly family: 4 | 6 }[]
  readonly everySeconds: number
  readonly text: (family: 4 | 6) => Promise<string>
  readonly log: Logger
}

/** As FastNetMon leaves them: everybody may read. */
const MODE = 0o664
const TO_WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

export class ScreenFiles {
  #options: ScreenFilesOptions
  /** Nobody can guess the name and stand in its way. */
  readonly #suffix = `.${randomBytes(6).toString('hex')}`
  /** Files that could not be drawn the last time. */
  readonly #troubled = new Set<string>()
  #failed = 0
  #timer: NodeJS.Timeout | undefined
  #drawing: Promise<void> | undefined

  constructor(options: ScreenFilesOptions) {
    this.#options = options
  }

  start(): void {
    const { files, everySeconds } = this.#options
    if (files.length === 0) return
    const draw = () => {
      // A disk that hangs holds back the next screens, nothing else.
      this.#drawing ??= this.draw().finally(() => {
        this.#drawing = undefined
      })
    }
    draw()
    this.#timer = setInterval(draw, everySeconds * 1000)
  }

  /** Other files, or another pace. Files that are no longer drawn stay as they were. */
  reconfigure(plan: Pick<ScreenFilesOptions, 'files' | 'everySeconds'>): void {
    clearInterval(this.#timer)
    this.#options = { ...this.#options, ...plan }
    this.start()
  }

  /** The files stay as they were drawn last. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#drawing
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_screen_files_failed_total', value: this.#failed },
  ]

  /** Draws all of them once. Never rejects. */
  async draw(): Promise<void> {
    for (const { path, family } of this.#options.files) {
      try {
        await replaceFile(path, path + this.#suffix, await this.#options.text(family))
        if (this.#troubled.delete(path)) this.#options.log.info('screen file is drawn again', { path })
      } catch (error) {
        this.#failed++
        if (this.#troubled.has(path)) continue
        this.#troubled.add(path)
        this.#options.log.warn('screen file cannot be drawn', { path, error: errorText(error) })
      }
    }
  }
}

async function replaceFile(path: string, temporary: string, text: string): Promise<void> {
  const file = await open(temporary, TO_WRITE, MODE)
  try {
    try {
      await file.chmod(MODE)
      await file.writeFile(text)
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}
