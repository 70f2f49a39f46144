// A port or socket that is busy is reported once and tried again; what the program is for goes on meanwhile.

import type { Logger } from './log/logger.ts'

export const RETRY_MS = 5000

/** Something that answers until it is closed. */
export interface Listener {
  close(): Promise<void>
}

export type ListenOutcome =
  | { readonly kind: 'listening'; readonly listener: Listener }
  | { readonly kind: 'failed'; readonly error: string }

export interface Listening {
  readonly isListening: boolean
  /** Why it does not listen; undefined while it does, and before the first attempt has ended. */
  readonly problem: string | undefined
  /** Settles after the first attempt, whatever its outcome. */
  readonly tried: Promise<void>
  /** Closes the listener or ends the attempts. */
  close(): Promise<void>
}

export interface ListenPlan {
  /** What listens where, for the log: `metrics on 127.0.0.1:9209`. */
  readonly name: string
  /** One attempt. It must not throw; a thrown error counts as a failure all the same. */
  attempt(): Promise<ListenOutcome>
  readonly log: Logger
  readonly retryMs?: number
}

/** Tries at once and then every `retryMs` until it listens or is closed. Each new reason for failing is logged once. */
export function keepListening(plan: ListenPlan): Listening {
  let listener: Listener | undefined
  let problem: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let running = tryOnce()
  const tried = running

  async function tryOnce(): Promise<void> {
    const outcome = await attemptSafely(plan)
    if (outcome.kind === 'listening') {
      if (isClosed) return outcome.listener.close()
      listener = outcome.listener
      plan.log.info('listening', { on: plan.name, ...(problem === undefined ? {} : { after: problem }) })
      problem = undefined
      return
    }
    if (isClosed) return
    if (outcome.error !== problem) report(outcome.error)
    problem = outcome.error
    timer = setTimeout(() => {
      running = tryOnce()
    }, plan.retryMs ?? RETRY_MS)
  }

  function report(error: string): void {
    plan.log.warn('cannot listen', { on: plan.name, error, retrySeconds: (plan.retryMs ?? RETRY_MS) / 1000 })
  }

  return {
    get isListening() {
      return listener !== undefined
    },
    get problem() {
      return problem
    },
    tried,
    async close() {
      isClosed = true
      clearTimeout(timer)
      await running
      await listener?.close()
      listener = undefined
    },
  }
}

async function attemptSafely(plan: ListenPlan): Promise<ListenOutcome> {
  try {
    return await plan.attempt()
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) }
  }
}
