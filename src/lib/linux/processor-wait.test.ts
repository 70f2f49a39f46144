import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ProcessorWait } from './processor-wait.ts'

/** Wants a processor all the time for half a second, and says for how much of it it waited. */
const PROGRAM = `
  import { ProcessorWait } from '#lib/linux/processor-wait.ts'
  const wait = new ProcessorWait()
  const until = performance.now() + 500
  while (performance.now() < until);
  console.log(wait.share())
`
const ROOT = new URL('../../..', import.meta.url)

/** One processor that this process may use. */
function someProcessor(): string {
  const [, list] = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? []
  assert(list !== undefined, 'the kernel says which processors may be used')
  return list
}

/** What the program says when it may use this processor alone. */
function shareOn(processor: string): number {
  const argv = ['-c', processor, process.execPath, '--input-type=module', '--eval', PROGRAM]
  return Number(execFileSync('taskset', argv, { cwd: ROOT, encoding: 'utf8' }))
}

test('a thread that has to share its processor waits for it as long as others run', () => {
  const processor = someProcessor()
  const undisturbed = shareOn(processor)
  const endless = ['-c', processor, process.execPath, '--eval', 'for (;;);']
  const others = [1, 2, 3].map(() => spawn('taskset', endless, { stdio: 'ignore' }))
  try {
    const disturbed = shareOn(processor)

    assert.ok(disturbed > 0.4 && disturbed < 1, `it waited for ${disturbed} of the time`)
    assert.ok(undisturbed >= 0 && undisturbed < disturbed, `and for ${undisturbed} before`)
  } finally {
    for (const other of others) other.kill('SIGKILL')
  }
})

test('it tells of the time since it was asked last', () => {
  const times: [number, number][] = [
    [1000, 500],
    [1010, 530],
    [1010, 530],
    [1030, 530],
  ]
  const wait = new ProcessorWait(() => times.shift() ?? [0, 0])

  assert.deepEqual([wait.share(), wait.share(), wait.share()], [0.75, 0, 0])
})
