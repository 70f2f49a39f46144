// Questions to the store's worker that wait for their answers, each by its number.

import type { Question, Questions, StoreNews, StoreRequest } from './change.ts'

interface Waiting {
  readonly told: (answered: unknown) => void
  readonly failed: (error: Error) => void
}

export class StoreQuestions {
  readonly #post: (request: StoreRequest) => void
  readonly #waiting = new Map<number, Waiting>()
  #number = 0

  constructor(post: (request: StoreRequest) => void) {
    this.#post = post
  }

  get waiting(): number {
    return this.#waiting.size
  }

  ask<About extends keyof Questions>(
    about: About,
    asked: Questions[About]['asked'],
  ): Promise<Questions[About]['answered']> {
    const number = ++this.#number
    const { promise, resolve, reject } = Promise.withResolvers<Questions[About]['answered']>()
    // The worker answers a question with what the table of questions says.
    const told = resolve as (answered: unknown) => void
    this.#waiting.set(number, { told, failed: reject })
    this.#post({ kind: 'ask', number, question: { about, asked } as Question })
    return promise
  }

  answered({ number, answer }: Extract<StoreNews, { kind: 'answer' }>): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    if (answer.kind === 'told') waiting?.told(answer.answered)
    else waiting?.failed(new Error(answer.problem))
  }

  /** Nobody answers any more. */
  close(reason: string): void {
    for (const { failed } of this.#waiting.values()) failed(new Error(reason))
    this.#waiting.clear()
  }
}
