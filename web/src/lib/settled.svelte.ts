// A value that follows another one once that has stayed the same for a while: for questions asked while somebody types.

import { untrack } from 'svelte'

const WAIT_MS = 400

/** To be called while a component is made. */
export function settled<T>(read: () => T, waitMs = WAIT_MS): { readonly value: T } {
  let value = $state.raw(untrack(read))
  $effect(() => {
    const next = read()
    const timer = setTimeout(() => {
      value = next
    }, waitMs)
    return () => clearTimeout(timer)
  })
  return {
    get value() {
      return value
    },
  }
}
