import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const MODULE = new URL('./heap-growth.ts', import.meta.url).href
const LIMIT = /"end_object_size":(\d+),.*"old_gen_allocation_limit":(\d+)/g

/** How large the heap may be before it is marked again, as a multiple of what is alive: calm, busy, and calm again. */
function sizesAllowed(calmPercent: number, busyPercent: number): number[] {
  const program = `
    import { HeapGrowth } from '${MODULE}'
    globalThis.kept = Array.from({ length: 300_000 }, (_, at) => ['x' + at, at])
    const growth = new HeapGrowth(${calmPercent}, ${busyPercent})
    for (const isBusy of [false, true, false]) {
      growth.follow(isBusy)
      gc()
      console.log('told')
      gc()
    }
  `
  const argv = ['--expose-gc', '--trace-gc-nvp', '--input-type=module', '-e', program]
  const { stdout, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  assert.equal(status, 0)
  const told = stdout.split('told\n').slice(1)
  return told.map(text => {
    const [, alive, limit] = [...text.matchAll(LIMIT)][0] ?? []
    return Number(limit) / Number(alive)
  })
}

test('the heap grows by so much, and by more while there is much to do', () => {
  const [before = 0, busy = 0, after = 0] = sizesAllowed(60, 200)

  // The young generation is added to each. By its own choice V8 would allow a process that only allocates four times as much.
  for (const calm of [before, after]) assert.ok(calm > 1.5 && calm < 3, `calm: ${calm} times what is alive`)
  assert.ok(busy > 3 && busy < 4, `busy: ${busy} times what is alive`)
})
