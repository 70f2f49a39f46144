import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/until.ts'
import { type Facts, type Logger, SILENT } from './log/logger.ts'
import { keepListening, type ListenOutcome } from './retry-listen.ts'

function recorder() {
  const words: string[] = []
  const log: Logger = {
    ...SILENT,
    info: (message: string, facts?: Facts) => void words.push(`${message} ${JSON.stringify(facts)}`),
    warn: (message: string, facts?: Facts) => void words.push(`${message} ${JSON.stringify(facts)}`),
  }
  return { words, log }
}

test('a busy port is reported once, tried again, and taken when it is free', async () => {
  const { words, log } = recorder()
  let attempts = 0
  let closed = 0
  const attempt = async (): Promise<ListenOutcome> => {
    attempts++
    if (attempts < 4) return { kind: 'failed', error: 'port is busy' }
    return { kind: 'listening', listener: { close: async () => void closed++ } }
  }

  const listening = keepListening({ name: 'metrics', attempt, log, retryMs: 1 })
  await listening.tried
  const first = { is: listening.isListening, problem: listening.problem }
  await until(() => listening.isListening)
  await listening.close()

  assert.deepEqual(first, { is: false, problem: 'port is busy' })
  assert.equal(attempts, 4)
  assert.equal(closed, 1)
  assert.deepEqual(words, [
    'cannot listen {"on":"metrics","error":"port is busy","retrySeconds":0.001}',
    'listening {"on":"metrics","after":"port is busy"}',
  ])
})

test('closing ends the attempts, also one that is under way', async () => {
  let attempts = 0
  let closed = 0
  const waiting = keepListening({
    name: 'api',
    attempt: async () => {
      attempts++
      throw new Error('no')
    },
    log: SILENT,
    retryMs: 60_000,
  })
  const underWay = keepListening({
    name: 'api',
    attempt: async () => {
      await sleep(2)
      return { kind: 'listening', listener: { close: async () => void closed++ } }
    },
    log: SILENT,
  })
  await waiting.tried

  await Promise.all([waiting.close(), underWay.close()])

  assert.equal(attempts, 1)
  assert.equal(closed, 1)
  assert.equal(underWay.isListening, false)
})
