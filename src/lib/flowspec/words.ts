// The words of a line with their columns, and what is wrong with one of them.

export type Parsed<Value> = { readonly kind: 'parsed'; readonly value: Value } | Problem

export interface Problem {
  readonly kind: 'problem'
  /** From 1. */
  readonly column: number
  readonly what: string
  /** What to do about it. */
  readonly advice: string
}

interface Word {
  readonly text: string
  readonly column: number
}

export const fail = (column: number, what: string, advice: string): Problem => ({
  kind: 'problem',
  column,
  what,
  advice,
})

/** Reads from left to right. */
export class Words {
  readonly #words: readonly Word[]
  readonly #end: number
  #at = 0

  constructor(text: string) {
    this.#words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ text: word, column: index + 1 }))
    this.#end = text.length + 1
  }

  /** Where the next word stands, or the end of the line. */
  get column(): number {
    return this.#words[this.#at]?.column ?? this.#end
  }

  next(): Word | undefined {
    return this.#words[this.#at++]
  }

  /** Goes on only if the next word is one of these. */
  take(...texts: string[]): string | undefined {
    const text = this.#words[this.#at]?.text
    if (text === undefined || !texts.includes(text)) return undefined
    this.#at++
    return text
  }

  /** The rest, cut at commas, each part with its column. */
  rest(): Word[] {
    const left = this.#words.slice(this.#at)
    this.#at = this.#words.length
    return left.flatMap(({ text, column }) =>
      [...text.matchAll(/[^,]+|,/g)].map(({ 0: part, index }) => ({ text: part, column: column + index })),
    )
  }
}
