// The store's own thread: it alone touches the state, so that nobody else ever waits for a disk or a database.

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '#lib/assert.ts'
import { endStartLater } from '#lib/compile-cache.ts'
import type { Clocks } from './ban-age.ts'
import type { StoreNews, StorePlan, StoreReply, StoreRequest } from './change.ts'
import { DoneWrites } from './done-writes.ts'
import { TooNewError } from './open-state.ts'
import { unpackChanges } from './packed-changes.ts'
import { HeldError } from './postgres.ts'
import { removeLeftovers } from './snapshot.ts'
import { DatabaseDesk, FileDesk, type StoreDesk } from './store-desk.ts'
import { answerQuestion } from './store-questions.ts'
import { StoreTender } from './store-tender.ts'

const port = parentPort
assert(port !== null, 'the store runs in a thread of its own')
const plan = workerData as StorePlan
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const clocks = (): Clocks => ({ boot, uptimeSeconds: uptime(), wallMs: Date.now() })

const options = { ...plan, clocks }
removeLeftovers(plan.directory)
const desk: StoreDesk = plan.postgres === undefined ? new FileDesk(options) : new DatabaseDesk(options)
const tell = (message: StoreReply | StoreNews) => port.postMessage(message)
const tender = new StoreTender({
  state: () => desk.state,
  retention: plan.retention,
  wallMs: Date.now,
  tell,
})

/** One request to open, write or close at a time: whoever asks waits for the reply before he asks again. */
async function answer(request: Exclude<StoreRequest, { kind: 'ask' | 'retain' }>): Promise<StoreReply> {
  try {
    switch (request.kind) {
      case 'open': {
        const opened = await desk.open()
        tender.start()
        return opened
      }
      case 'write':
        return await desk.write(unpackChanges(request.changes))
      case 'check':
        return await desk.check()
      case 'close':
        tender.stop()
        await desk.close()
        return { kind: 'closed' }
    }
  } catch (error) {
    const problem = messageOf(error)
    if (error instanceof TooNewError) return { kind: 'refused', problem }
    return { kind: error instanceof HeldError ? 'held' : 'failed', problem }
  }
}

async function answerBeside({ number, question }: Extract<StoreRequest, { kind: 'ask' }>): Promise<void> {
  // Nothing may be pruned under whoever reads.
  const release = tender.pause()
  try {
    const answered = await answerQuestion(question, desk, options)
    tell({ kind: 'answer', number, answer: { kind: 'told', answered } })
  } catch (error) {
    tell({ kind: 'answer', number, answer: { kind: 'failed', problem: messageOf(error) } })
  } finally {
    release()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

port.on('message', (request: StoreRequest) => {
  if (request.kind === 'ask') void answerBeside(request)
  else if (request.kind === 'retain') tender.reconfigure(request.retention)
  else {
    void answer(request).then(reply => {
      if (reply.kind === 'written') DoneWrites.count(plan.writes)
      tell(reply)
      if (reply.kind === 'written') desk.betweenWrites?.()
      if (reply.kind === 'closed') port.close()
    })
  }
})

endStartLater()
