// Lines on their way to a server, joined to chunks: no text of everything at once, and no turn of the event loop for long.

/** Some whole lines, each ended. */
export interface Chunk {
  readonly text: string
  readonly lines: number
}

export const CHUNK_LINES = 1000

export class LineChunks {
  #text = ''
  #lines = 0

  /** `line` without its end. */
  add(line: string): void {
    this.#text += `${line}\n`
    this.#lines++
  }

  get isFull(): boolean {
    return this.#lines >= CHUNK_LINES
  }

  /** What has been added since the last time. */
  take(): Chunk {
    const chunk = { text: this.#text, lines: this.#lines }
    this.#text = ''
    this.#lines = 0
    return chunk
  }
}
