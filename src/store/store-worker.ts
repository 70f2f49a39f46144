// The store's own thread: it alone touches the state file, so that nobody else ever waits for a disk.

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '#lib/assert.ts'
import { endStartLater } from '#lib/compile-cache.ts'
import type { Clocks } from './ban-age.ts'
import type { StoreReply, StoreRequest } from './change.ts'
import { isBroken } from './sqlite.ts'
import { openStateFile, type StateFile, TooNewError } from './state-file.ts'

const port = parentPort
assert(port !== null, 'the store runs in a thread of its own')
const { directory } = workerData as { readonly directory: string }
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const clocks = (): Clocks => ({ boot, uptimeSeconds: uptime(), wallMs: Date.now() })
let file: StateFile | undefined

endStartLater()

/** One request at a time: whoever asks waits for the reply before it asks again. */
port.on('message', (request: StoreRequest) => {
  void answer(request).then(reply => {
    port.postMessage(reply)
    if (reply.kind === 'closed') port.close()
  })
})

async function answer(request: StoreRequest): Promise<StoreReply> {
  try {
    switch (request.kind) {
      case 'open':
        return await open()
      case 'write':
        return await write(request.changes)
      case 'close':
        await file?.close()
        return { kind: 'closed' }
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { kind: error instanceof TooNewError ? 'refused' : 'failed', problem }
  }
}

async function open(): Promise<StoreReply> {
  await file?.close()
  const opened = await openStateFile({ directory, clocks })
  file = opened.file
  const { kept, setAside, replaced } = opened
  return { kind: 'opened', kept, setAside, replaced }
}

async function write(changes: Extract<StoreRequest, { kind: 'write' }>['changes']): Promise<StoreReply> {
  assert(file !== undefined, 'nothing is written before the file is open')
  if (!file.isInPlace) return await replace('the file is no longer where it was')
  try {
    await file.write(changes)
    return { kind: 'written' }
  } catch (error) {
    if (!isBroken(error)) throw error
    const aside = await file.moveAside()
    return await replace(`${error instanceof Error ? error.message : error}; what is left of it is ${aside}`)
  }
}

/** Begins a new file in place of the one in use. */
async function replace(problem: string): Promise<StoreReply> {
  await file?.close()
  file = (await openStateFile({ directory, clocks })).file
  return { kind: 'replaced', problem }
}
