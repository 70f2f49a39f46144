// The store's own thread: it alone touches the state file, so that nobody else ever waits for a disk.

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '#lib/assert.ts'
import { endStartLater } from '#lib/compile-cache.ts'
import type { Clocks } from './ban-age.ts'
import type { Change, StoreReply, StoreRequest } from './change.ts'
import { isBroken } from './sqlite.ts'
import { openStateFile, type StateFile, TooNewError } from './state-file.ts'

const port = parentPort
assert(port !== null, 'the store runs in a thread of its own')
const { directory } = workerData as { readonly directory: string }
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const clocks = (): Clocks => ({ boot, uptimeSeconds: uptime(), wallMs: Date.now() })

/** One request at a time: whoever asks waits for the reply before it asks again. */
class Desk {
  #file: StateFile | undefined

  async answer(request: StoreRequest): Promise<StoreReply> {
    try {
      switch (request.kind) {
        case 'open':
          return await this.#open()
        case 'write':
          return await this.#write(request.changes)
        case 'close':
          await this.#file?.close()
          return { kind: 'closed' }
      }
    } catch (error) {
      const kind = error instanceof TooNewError ? 'refused' : 'failed'
      return { kind, problem: messageOf(error) }
    }
  }

  async #open(): Promise<StoreReply> {
    await this.#file?.close()
    const { file, ...found } = await openStateFile({ directory, clocks })
    this.#file = file
    return { kind: 'opened', ...found }
  }

  async #write(changes: readonly Change[]): Promise<StoreReply> {
    const file = this.#file
    assert(file !== undefined, 'nothing is written before the file is open')
    if (!file.isInPlace) return await this.#replace('the file is no longer where it was')
    try {
      await file.write(changes)
      return { kind: 'written' }
    } catch (error) {
      if (!isBroken(error)) throw error
      const aside = await file.moveAside()
      return await this.#replace(`${messageOf(error)}; what is left of it is ${aside}`)
    }
  }

  /** Begins a new file in place of the one in use. */
  async #replace(problem: string): Promise<StoreReply> {
    await this.#open()
    return { kind: 'replaced', problem }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const desk = new Desk()
port.on('message', (request: StoreRequest) => {
  void desk.answer(request).then(reply => {
    port.postMessage(reply)
    if (reply.kind === 'closed') port.close()
  })
})

endStartLater()
