// The one way in which a test waits for something it cannot await: by looking until it is so, never by guessing how
// long a machine takes.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Far beyond what the slowest machine needs; only a test that fails waits so long. */
const LIMIT_SECONDS = 30
const LOOK_MS = 5

/** Settles as soon as it is so; throws with these words when it never comes to that. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what = `that ${String(isSo)}`,
  seconds = LIMIT_SECONDS,
): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    // What was looked at before the time was up says nothing of that moment: a look may take seconds itself.
    const isLast = performance.now() >= end
    if (await isSo()) return
    assert.ok(!isLast, `waited ${seconds} s in vain for ${what}`)
    await sleep(LOOK_MS)
  }
}
