import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Chunk } from '../push/line-chunks.ts'
import { pushToGraphite } from './client.ts'

const NEVER = new AbortController().signal

async function serverWith(t: TestContext, heard: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    heard(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

async function* chunksOf(count: number, text = 'a.b 1 2\n'): AsyncGenerator<Chunk> {
  for (let chunk = 0; chunk < count; chunk++) yield { text, lines: 1 }
}

test('one connection carries all lines, whole and in order, and then ends', async t => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const server = await serverWith(t, async socket => {
    let text = ''
    for await (const part of socket) text += part
    resolve(text)
    socket.end()
  })

  const pushed = await pushToGraphite(server, chunksOf(500, `${'x'.repeat(1000)} 1 2\n`), NEVER)

  assert.deepEqual(pushed, { lines: 500, failedLines: 0, error: undefined })
  assert.equal((await promise).length, 500 * 1005)
})

test('nobody listens: the push has failed, and says why', async t => {
  const server = await serverWith(t, () => {})
  const closed = { ...server, port: 1 }

  const { lines, error } = await pushToGraphite(closed, chunksOf(3), NEVER)

  assert.equal(lines, 0)
  assert.match(error ?? '', /ECONNREFUSED/)
})

test('a server that hangs up in between has taken nothing that is sure', async t => {
  const server = await serverWith(t, socket => socket.once('data', () => socket.resetAndDestroy()))

  const { lines, failedLines, error } = await pushToGraphite(server, chunksOf(5000), NEVER)

  assert.equal(lines, 0)
  assert.ok(failedLines > 0)
  assert.match(error ?? '', /ECONNRESET|EPIPE/)
})

test('a server that takes nothing holds up nobody beyond the deadline', async t => {
  const server = await serverWith(t, socket => socket.pause())
  const deadline = new AbortController()
  setTimeout(() => deadline.abort(new Error('out of time')), 100)

  const { error, lines } = await pushToGraphite(
    server,
    chunksOf(10_000, `${'x'.repeat(100_000)}\n`),
    deadline.signal,
  )

  assert.match(error ?? '', /out of time/)
  assert.equal(lines, 0)
})
