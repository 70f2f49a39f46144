// What is refused takes the same time, whatever was right about it: by the least of many tries, taken in turns.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { processorMs } from '../../../test/processor-ms.ts'
import { accessForTests } from './access-for-tests.ts'
import { sharedTokenCheck } from './shared-token.ts'
import { Tokens } from './tokens.ts'

const ROUNDS = 40
const CALLS = 500
/** A look-up that skipped the hash, or a comparison letter by letter, differs by more. */
const RATIO_MAX = 1.6

/** Least milliseconds of each. */
function leastOf(calls: readonly (() => unknown)[]): number[] {
  const least = calls.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, call] of calls.entries()) {
      const begun = processorMs()
      for (let i = 0; i < CALLS; i++) call()
      least[at] = Math.min(least[at] ?? 0, processorMs() - begun)
    }
  return least
}

function assertAlike(least: readonly number[], what: string): void {
  const ratio = Math.max(...least) / Math.min(...least)
  assert.ok(ratio < RATIO_MAX, `${what}: ${least.map(ms => ms.toFixed(3)).join(' ')} ms`)
}

test('a token is refused as fast with an id that is known as with one that is not, and wherever it is wrong', async () => {
  const tokens = new Tokens(new DocumentShelf())
  const { text } = await tokens.add({ name: 'a', role: 'viewer', createdAt: 0, createdBy: 'test' })
  const head = text.slice(0, 21)
  const secret = text.slice(21)
  const other = (letter: string | undefined) => (letter === 'A' ? 'B' : 'A')
  const wrong = [
    `fwt_0123456789abcdef_${secret}`,
    `${head}${other(secret[0])}${secret.slice(1)}`,
    `${head}${secret.slice(0, -1)}${other(secret.at(-1))}`,
  ]

  const least = leastOf(wrong.map(each => () => tokens.check(each, 1)))

  for (const each of wrong) assert.equal(tokens.check(each, 1).kind, 'wrong')
  assertAlike(least, 'unknown id, first letter, last letter')
})

test('the shared token is compared in the same time, wherever another one differs from it', () => {
  const check = sharedTokenCheck('a'.repeat(400))

  const least = leastOf([`b${'a'.repeat(399)}`, `${'a'.repeat(399)}b`].map(wrong => () => check(wrong)))

  assertAlike(least, 'first letter, last letter')
})

test('a log-in of nobody takes as long as one with a wrong password', async () => {
  const made = accessForTests({ perAddress: { perSecond: 1e6, burst: 1e6 } })
  await made.user('ann', 'viewer')
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]

  for (let round = 0; round < 8; round++)
    for (const [at, name] of ['ann', 'nobody'].entries()) {
      const begun = processorMs()
      const { response } = await made.logIn(name, 'wrong password', `198.51.100.${round}`)
      least[at] = Math.min(least[at] ?? 0, processorMs() - begun)
      assert.equal(response.statusCode, 401)
    }

  assertAlike(least, 'wrong password, nobody')
})
