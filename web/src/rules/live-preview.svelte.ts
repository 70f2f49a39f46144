// Asks for previews while somebody types: one at a time, and again when another person's was in the way.

import type { RulePreview } from '#api/contract/rule-preview.ts'
import { call, type Failure, type InputOf } from '../lib/api.ts'
import { settled } from '../lib/settled.svelte.ts'

type Name = 'previewOrder' | 'previewRule'

const AGAIN_MS = 500

/** To be called while a component is made. `input` undefined: nothing is asked, and nothing shown. */
export function livePreview<Asked extends Name>(name: Asked, input: () => InputOf<Asked> | undefined) {
  let value = $state.raw<RulePreview | undefined>(undefined)
  let failure = $state.raw<Failure | undefined>(undefined)
  const wanted = settled(() => JSON.stringify(input()))
  $effect(() => {
    const text = wanted.value
    if (text === undefined) {
      value = undefined
      failure = undefined
      return
    }
    const abort = new AbortController()
    void ask(name, JSON.parse(text), abort.signal)
    return () => abort.abort()
  })

  async function ask(asked: Asked, request: InputOf<Asked>, signal: AbortSignal): Promise<void> {
    const reply = await call(asked, request, { signal })
    if (signal.aborted) return
    if (reply.kind === 'ok') {
      value = reply.value as RulePreview
      failure = undefined
    } else if (isBusy(reply.failure))
      setTimeout(() => {
        if (!signal.aborted) void ask(asked, request, signal)
      }, AGAIN_MS)
    else {
      value = undefined
      failure = reply.failure
    }
  }

  return {
    get value() {
      return value
    },
    get failure() {
      return failure
    },
  }
}

const isBusy = (failure: Failure): boolean =>
  failure.kind === 'refused' && failure.problem.code === 'rate-limited'
