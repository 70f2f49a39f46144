// Which files of attacks may stay: so many, so large together, so old; the oldest go first.

export interface KeptFile {
  readonly name: string
  readonly bytes: number
  /** When it was last written, ms since 1970 UTC. */
  readonly at: number
}

export interface RetentionBounds {
  readonly filesMax: number
  readonly bytesMax: number
  readonly ageMs: number
}

/** Knows the files there are, oldest first, and names those that have to go. */
export class Retention {
  readonly #bounds: RetentionBounds
  readonly #files = new Map<string, KeptFile>()
  #bytes = 0

  constructor(bounds: RetentionBounds) {
    this.#bounds = bounds
  }

  get files(): number {
    return this.#files.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** A file that is there now, or has grown: it becomes the youngest. */
  keep(file: KeptFile): void {
    this.forget(file.name)
    this.#files.set(file.name, file)
    this.#bytes += file.bytes
  }

  forget(name: string): void {
    this.#bytes -= this.#files.get(name)?.bytes ?? 0
    this.#files.delete(name)
  }

  bytesOf(name: string): number {
    return this.#files.get(name)?.bytes ?? 0
  }

  /** Files that have to go now, oldest first. Each is named until it is forgotten. */
  surplus(now: number): string[] {
    const { filesMax, bytesMax, ageMs } = this.#bounds
    const names: string[] = []
    let bytes = this.#bytes
    for (const file of this.#files.values()) {
      const isSurplus =
        this.#files.size - names.length > filesMax || bytes > bytesMax || now - file.at > ageMs
      if (!isSurplus) break
      names.push(file.name)
      bytes -= file.bytes
    }
    return names
  }
}
