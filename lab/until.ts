// Waiting for what other programs come to.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

const LIMIT_SECONDS = 30
const POLL_MILLISECONDS = 10

/**
 * Asks until the answer is true; fails with the answer to a question asked when the time was up. One asked before says
 * nothing of that moment, for on a busy machine an answer takes many seconds.
 */
export async function until(ask: () => Promise<true | string>, seconds = LIMIT_SECONDS): Promise<void> {
  const endsAt = performance.now() + seconds * 1000
  for (;;) {
    const isLast = performance.now() >= endsAt
    const answer = await ask()
    if (answer === true) return
    if (isLast) assert.fail(`not within ${seconds} s: ${answer}`)
    await sleep(POLL_MILLISECONDS)
  }
}
