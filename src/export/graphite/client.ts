// One push to Carbon: a connection, all lines, the end. Carbon never answers, so its close is all the news there is.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errorText } from '#lib/log/facts.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import type { Chunk } from '../push/line-chunks.ts'
import type { Pushed } from '../push/push-loop.ts'

/** Nothing has gone out for so long: the server takes nothing. */
const SILENT_MS = 10_000
/** After our end a server closes its own; one that does not has taken the lines all the same. */
const CLOSE_MS = 1000

/** Sends the chunks one by one, as fast as the server takes them. Never rejects. */
export async function pushToGraphite(
  server: ServerAddress,
  chunks: AsyncIterable<Chunk>,
  signal: AbortSignal,
): Promise<Pushed> {
  const socket = connect({ host: server.host, port: server.port, signal, noDelay: true })
  socket.setTimeout(SILENT_MS, () => socket.destroy(new Error('the server takes nothing')))
  const failed = new Promise<never>((_, reject) => socket.on('error', reject))
  failed.catch(() => {})
  socket.resume()
  let lines = 0
  try {
    await Promise.race([once(socket, 'connect'), failed])
    for await (const chunk of chunks) {
      lines += chunk.lines
      await Promise.race([written(socket, chunk.text), failed])
    }
    await Promise.race([ended(socket), failed])
    return { lines, failedLines: 0, error: undefined }
  } catch (error) {
    return { lines: 0, failedLines: lines, error: errorText(signal.aborted ? signal.reason : error) }
  } finally {
    socket.destroy()
  }
}

/** Others have their turn between two chunks, also when the kernel takes everything at once. */
async function written(socket: Socket, text: string): Promise<void> {
  if (text !== '' && !socket.write(text)) await once(socket, 'drain')
  await nextTurn()
}

async function ended(socket: Socket): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const closed = once(socket, 'close')
  closed.catch(() => {})
  await new Promise<void>(done => socket.end(done))
  const timer = setTimeout(resolve, CLOSE_MS)
  await Promise.race([closed, late])
  clearTimeout(timer)
}
