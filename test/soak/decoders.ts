// The soak of the decoders: ten million broken datagrams of all kinds, without throw, hang, foreign bytes read or growth.
//
// They are decoded in a thread of their own, so that one that never comes back is noticed. `--inputs` makes it shorter;
// the first 200,000 are a test. Needs `--expose-gc`, to tell memory in use from memory not yet collected.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { mutateFlowExports } from '#2-decode/flow-mutation-for-tests.ts'
import { formatTable } from '../../bench/table.ts'

/** Inputs of one seed; the line of the table is told after each. */
const PART = 1_000_000
/** A part takes some ten seconds. */
const HANG_MS = 180_000
/** What the heap may have grown by since the first part, which warms everything up. */
const GROWTH_BYTES_MAX = 2 << 20

interface Part {
  readonly inputs: number
  readonly taken: number
  readonly malformed: number
  readonly fault: string | undefined
  readonly seconds: number
  readonly heapBytes: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { inputs: { type: 'string', default: '10000000' } } })
  const inputs = Number(values.inputs)
  assert.ok(Number.isInteger(inputs) && inputs > 0, '--inputs is a number')
  const worker = new Worker(new URL(import.meta.url), { workerData: inputs })
  const ended = once(worker, 'exit')
  const parts: Part[] = []
  let watch = watchdog()
  worker.on('message', (part: Part) => {
    clearTimeout(watch)
    watch = watchdog()
    parts.push(part)
  })
  // A throw of a decoder rejects this with it.
  await ended
  clearTimeout(watch)
  const columns = ['inputs', 'records', 'malformed', 'seconds', 'heap MB', 'fault']
  console.log(formatTable('mutated datagrams through all decoders', columns, parts.map(rowOf)))
  assert.equal(
    parts.reduce((sum, part) => sum + part.inputs, 0),
    inputs,
    'all inputs were decoded',
  )
  for (const { fault } of parts) assert.equal(fault, undefined)
  const [first, last] = [parts[0], parts.at(-1)]
  const growth = (last?.heapBytes ?? 0) - (first?.heapBytes ?? 0)
  assert.ok(growth <= GROWTH_BYTES_MAX, `the heap has grown by ${growth} bytes`)
  console.log(
    `${inputs} passed, 0 failed, heap ${(growth / 1e6).toFixed(2)} MB larger than after the first part`,
  )
}

const rowOf = ({ inputs, taken, malformed, seconds, heapBytes, fault }: Part) => [
  inputs,
  taken,
  malformed,
  seconds,
  heapBytes / 1e6,
  fault ?? 'none',
]

const watchdog = (): NodeJS.Timeout =>
  setTimeout(() => {
    console.error(`no part has ended for ${HANG_MS / 1000} s: a decoder hangs`)
    process.exit(1)
  }, HANG_MS)

function work(inputs: number): void {
  assert.ok(globalThis.gc, 'run with --expose-gc')
  for (let done = 0; done < inputs; done += PART) {
    const began = performance.now()
    const result = mutateFlowExports(Math.min(PART, inputs - done), 20_261_120 + done)
    globalThis.gc()
    const seconds = (performance.now() - began) / 1000
    parentPort?.postMessage({ ...result, seconds, heapBytes: process.memoryUsage().heapUsed } satisfies Part)
  }
}

if (isMainThread) await main()
else work(workerData as number)
