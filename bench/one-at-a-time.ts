// One run of benches at a time on a machine: a second one would spoil the figures of both.

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** In the abstract namespace, so it is gone with the process that holds it, however that ends. */
const ADDRESS = '\0floodwarden-bench'
const LOOK_MILLISECONDS = 1000

/** Waits for its turn; `waiting` is called once when there is another run. */
export async function myTurn(waiting: () => void): Promise<AsyncDisposable> {
  for (let hasSaid = false; ; hasSaid = true) {
    const server = await tryToHold()
    if (server !== undefined) return { [Symbol.asyncDispose]: () => closed(server) }
    if (!hasSaid) waiting()
    await delay(LOOK_MILLISECONDS)
  }
}

async function tryToHold(): Promise<Server | undefined> {
  const server = createServer(socket => socket.destroy())
  try {
    server.listen(ADDRESS)
    await once(server, 'listening')
    return server
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined
    throw error
  }
}

async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
