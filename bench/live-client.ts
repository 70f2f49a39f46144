// Clients of the live feed, many in one process: each counts what it hears and how late traffic comes. Takes a `LiveLoad`
// as its argument; prints `ready` when all are connected and a `LiveResult` as JSON at the end of its input.

import { once } from 'node:events'
import { WebSocket } from 'ws'

export interface LiveLoad {
  readonly port: number
  readonly clients: number
}

export interface LiveResult {
  readonly clients: number
  readonly messages: number
  /** Of messages with a time: ms from when they were made until they were read. */
  readonly medianMs: number
  readonly p99Ms: number
  readonly worstMs: number
  readonly resyncs: number
}

const load = JSON.parse(process.argv[2] ?? '') as LiveLoad
const late: number[] = []
const counts = { messages: 0, resyncs: 0 }
const sockets = Array.from({ length: load.clients }, () => {
  const socket = new WebSocket(`ws://127.0.0.1:${load.port}/api/v1/live`)
  socket.on('message', (bytes: Buffer) => hear(bytes))
  return socket
})
await Promise.all(sockets.map(socket => once(socket, 'open')))
process.stdout.write('ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
late.sort((a, b) => a - b)
const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Number.NaN
const open = sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length
const result: LiveResult = {
  ...{ clients: open, ...counts },
  ...{ medianMs: at(0.5), p99Ms: at(0.99), worstMs: at(1) },
}
process.stdout.write(`${JSON.stringify(result)}\n`)
for (const socket of sockets) socket.terminate()

/** Parsing all would cost the client more than hearing: traffic carries its time at a known place. */
function hear(bytes: Buffer): void {
  counts.messages++
  const text = bytes.toString('latin1', 0, 80)
  if (text.startsWith('{"kind":"resync"')) counts.resyncs++
  const [, moment] = /"at":"([^"]+)"/.exec(text) ?? []
  if (moment !== undefined) late.push(Date.now() - Date.parse(moment))
}
