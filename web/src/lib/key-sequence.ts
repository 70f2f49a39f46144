// Keys one after the other: `g` then `o`. What is typed into a field is none of them.

const BETWEEN_MS = 1200

export class KeySequence {
  #first = ''
  #at = 0

  /** The commands' keys that this key completes: `?`, or `g o` when `g` came just before; undefined: none yet. */
  press(key: string, now: number, known: readonly string[]): string | undefined {
    const both = `${this.#first} ${key}`
    const isInTime = this.#first !== '' && now - this.#at <= BETWEEN_MS
    this.#first = ''
    if (isInTime && known.includes(both)) return both
    if (known.includes(key)) return key
    if (known.some(each => each.startsWith(`${key} `))) {
      this.#first = key
      this.#at = now
    }
    return undefined
  }
}

/** Whether a key belongs to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
