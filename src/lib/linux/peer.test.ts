import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { descriptorOf, peerOf } from './peer.ts'

test('the peer of a Unix socket is the process that connected', async t => {
  const caller = await accept(t, `\0floodwarden-peer-${process.pid}`)

  const peer = peerOf(descriptorOf(caller) ?? -1)

  assert.deepEqual(peer, { processId: process.pid, userId: process.getuid?.(), groupId: process.getgid?.() })
})

test('the peer of a TCP connection is not known', async t => {
  const caller = await accept(t, { port: 0, host: '127.0.0.1' })

  assert.equal(peerOf(descriptorOf(caller) ?? -1), undefined)
})

test('a file and a closed descriptor have no peer', t => {
  const fd = openSync('/dev/null', 'r')
  t.after(() => closeSync(fd))

  assert.equal(peerOf(fd), undefined)
  assert.equal(peerOf(-1), undefined)
})

test('a socket that was closed has no descriptor', async t => {
  const caller = await accept(t, `\0floodwarden-closed-${process.pid}`)

  caller.destroy()

  assert.equal(descriptorOf(caller), undefined)
})

/** The server's end of a connection from this very process. */
async function accept(t: TestContext, where: string | { port: number; host: string }): Promise<Socket> {
  const server = createServer()
  t.after(() => server.close())
  server.listen(where)
  await once(server, 'listening')
  const connection = once(server, 'connection')
  const address = server.address()
  const client = typeof address === 'string' ? connect(address) : connect(address?.port ?? 0, '127.0.0.1')
  t.after(() => client.destroy())
  const [caller] = await connection
  t.after(() => caller.destroy())
  return caller
}
