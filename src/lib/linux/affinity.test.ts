// Processor masks, and pinning a thread to a processor it may use.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pinThread, processorMask } from './affinity.ts'

test('a mask has one bit for each processor', () => {
  const mask = processorMask([0, 3, 8, 1023])

  assert.deepEqual([mask[0], mask[1], mask[127]], [0b1001, 1, 0x80])
})

test('a processor beyond the mask is a bug', () => {
  assert.throws(() => processorMask([1024]), /processor 1024 exists/)
})

test('a pinned thread may run on that processor only', t => {
  const allowed = allowedProcessors()
  t.after(() => pinThread(allowed))

  pinThread([allowed[0] ?? 0])

  assert.deepEqual(allowedProcessors(), [allowed[0]])
})

function allowedProcessors(): number[] {
  const status = readFileSync('/proc/thread-self/status', 'utf8')
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, step) => first + step)
  })
}
