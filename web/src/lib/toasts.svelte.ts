// Short news of what somebody did, or of what happened, at the edge of the page: bounded, and what went wrong stays until
// it is read.

import type { Failure } from './api.ts'
import { failureWords } from './failure-words.ts'

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'failed' | 'news'
  readonly text: string
  readonly help: string
}

const SHOWN_MAX = 5
const DONE_MS = 8000
const NEWS_MS = 15_000

class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #next = 0

  done(text: string): void {
    const id = this.#add({ kind: 'done', text, help: '' })
    setTimeout(() => this.dismiss(id), DONE_MS)
  }

  /** Of what happened by itself. */
  news(text: string, help: string): void {
    const id = this.#add({ kind: 'news', text, help })
    setTimeout(() => this.dismiss(id), NEWS_MS)
  }

  failed(failure: Failure): void {
    if (failure.kind === 'aborted') return
    const { title, help, fields } = failureWords(failure)
    const wrong = Object.entries(fields).map(([field, problem]) => `${field}: ${problem}.`)
    this.#add({ kind: 'failed', text: title, help: [...wrong, help].join(' ') })
  }

  /** What went wrong in part, in words of the page. */
  problem(text: string): void {
    this.#add({ kind: 'failed', text, help: '' })
  }

  dismiss(id: number): void {
    this.list = this.list.filter(toast => toast.id !== id)
  }

  #add(toast: Omit<Toast, 'id'>): number {
    const id = this.#next++
    const list = [...this.list, { ...toast, id }]
    // However much happens, it pushes out nothing that somebody has to read.
    const least = list.findIndex(({ kind }) => kind === 'news')
    this.list = list.length > SHOWN_MAX ? list.toSpliced(Math.max(0, least), 1) : list
    return id
  }
}

export const toasts = new Toasts()
