// A TCP port of this machine that nobody uses now.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Somebody else may take it before the caller does; the kernel hands out another one each time, so hardly. */
export async function freePort(): Promise<number> {
  const { port, server } = await holdPort()
  await closed(server)
  return port
}

/** A port that is busy until the server is closed. */
export async function holdPort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, server }
}

export async function closed(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
