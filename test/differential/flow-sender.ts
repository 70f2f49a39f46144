// Command: sends each datagram of a file of JSON to several ports of 127.0.0.1, from the address it names.
//
// Runs in the collectors' namespace: `node test/differential/flow-sender.ts FILE`.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const postsSchema = z.array(
  z.strictObject({
    from: z.string(),
    ports: z.array(z.int()),
    /** In base64. */
    datagrams: z.array(z.string()),
  }),
)

const PAUSE_MS = 1

function send(socket: Socket, bytes: Uint8Array, port: number): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(bytes, port, '127.0.0.1', error => (error ? reject(error) : resolve())),
  )
}

for (const { from, ports, datagrams } of postsSchema.parse(
  JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')),
)) {
  const socket = createSocket('udp4').bind(0, from)
  await once(socket, 'listening')
  for (const datagram of datagrams) {
    const bytes = Buffer.from(datagram, 'base64')
    for (const port of ports) await send(socket, bytes, port)
    await sleep(PAUSE_MS)
  }
  socket.close()
}
