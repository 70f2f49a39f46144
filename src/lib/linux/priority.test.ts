import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { hasCapability } from './capability.ts'
import { goingFirst } from './priority.ts'

/** For a thread of its own: one that may not go back would stay so. */
const GOES = `
  import { getPriority } from 'node:os'
  import { parentPort } from 'node:worker_threads'
  import { goFirst } from '#lib/linux/priority.ts'
  parentPort.postMessage([goFirst(), getPriority(0)])
`
const ROOT = new URL('../../..', import.meta.url)

test('a thread that may goes first, and no other with it', async () => {
  const may = hasCapability('sysNice')
  const before = getPriority(0)

  const source = GOES.replace('#lib/linux/priority.ts', new URL('./priority.ts', import.meta.url).href)
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
  const said = await new Promise(resolve => thread.once('message', resolve))

  assert.deepEqual(said, may ? [true, -10] : [false, before])
  assert.equal(getPriority(0), before)
})

test('something short goes first until it is done, also when it fails', () => {
  const before = getPriority(0)
  const first = hasCapability('sysNice') ? -10 : before

  assert.equal(
    goingFirst(() => getPriority(0)),
    first,
  )
  assert.equal(getPriority(0), before)
  assert.throws(
    () =>
      goingFirst(() => {
        throw new Error(`${getPriority(0)}`)
      }),
    new RegExp(`^Error: ${first}$`),
  )
  assert.equal(getPriority(0), before)
})

test('who may not goes on as it is', () => {
  const program = `
    import { getPriority } from 'node:os'
    import { keepOnly } from '#lib/linux/capability.ts'
    import { goFirst, goingFirst } from '#lib/linux/priority.ts'
    keepOnly([])
    console.log(JSON.stringify([goFirst(), goingFirst(() => 'done'), getPriority(0)]))
  `
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    encoding: 'utf8',
  })

  assert.deepEqual(JSON.parse(said), [false, 'done', getPriority(0)])
})
