// The thread of the engine: the tick loop over the counters, apart from everything that decides, calls and answers.

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '#lib/assert.ts'
import { endStartLater } from '#lib/compile-cache.ts'
import { EngineRoom } from './engine-room.ts'
import { EventQueue } from './event-queue.ts'
import { type HostTable, memoryOf } from './host-table.ts'
import type { EngineMessage, EngineTask, RequestMessage } from './messages.ts'

const port = parentPort
assert(port !== null, 'the engine worker runs in a thread of its own')
const task = workerData as EngineTask
const tell = (message: EngineMessage): void => port.postMessage(message)
const queue = new EventQueue(task.taken, events => tell({ kind: 'events', events }))

const room = new EngineRoom(task, {
  events: events => queue.send(events),
  facts: facts =>
    tell({ kind: 'facts', facts: { ...facts, metrics: [...facts.metrics, ...queue.metrics()] } }),
  pace: (tickMs, share) => tell({ kind: 'pace', tickMs, share }),
})

/** A table of hosts is handed over; everything else is copied. */
port.on('message', ({ id, name, ask }: RequestMessage) => {
  const answer = room.answer(name, ask)
  const memory = name === 'hosts' ? memoryOf(answer as HostTable) : []
  port.postMessage({ kind: 'answer', id, answer } satisfies EngineMessage, memory)
})

endStartLater()
