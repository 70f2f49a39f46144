import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Chunk } from '../push/line-chunks.ts'
import { InfluxdbClient } from './client.ts'
import { influxdbSchema } from './config.ts'

const NEVER = new AbortController().signal
const PASSWORD = 'p&=? #%ß'

interface Heard {
  readonly url: URL
  readonly body: string
}

async function setUp(t: TestContext, answer: (response: ServerResponse, heard: Heard) => void) {
  const heard: Heard[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = ''
    for await (const part of request) body += part
    const one = { url: new URL(request.url ?? '', 'http://x'), body }
    heard.push(one)
    answer(response, one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const config = influxdbSchema.parse({ user: 'u ser', password: PASSWORD, database: 'my db' })
  const counts = { writes: 0, failed: 0 }
  const client = new InfluxdbClient({ host: '127.0.0.1', port }, config, counts)
  t.after(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return { client, counts, heard }
}

async function* chunksOf(count: number): AsyncGenerator<Chunk> {
  for (let chunk = 0; chunk < count; chunk++) yield { text: 'm f=1 2\n'.repeat(1000), lines: 1000 }
}

const ok = (response: ServerResponse) => response.writeHead(204).end()

test('points go in batches of 5,000 lines, with database, user and password escaped', async t => {
  const { client, counts, heard } = await setUp(t, ok)

  const pushed = await client.push(chunksOf(12), NEVER)

  assert.deepEqual(pushed, { lines: 12_000, failedLines: 0, error: undefined })
  assert.deepEqual(
    heard.map(({ body }) => body.split('\n').length - 1),
    [5000, 5000, 2000],
  )
  const { url } = heard[0]!
  assert.equal(url.pathname, '/write')
  assert.deepEqual(Object.fromEntries(url.searchParams), { db: 'my db', u: 'u ser', p: PASSWORD })
  assert.deepEqual([counts.writes, counts.failed], [3, 0])
})

test('a batch that is refused for itself is counted, and the others go on', async t => {
  const { client } = await setUp(t, (response, { body }) => {
    if (body.length > 30_000) response.writeHead(400).end('{"error":"partial write"}')
    else ok(response)
  })

  const pushed = await client.push(chunksOf(7), NEVER)

  assert.equal(pushed.lines, 2000)
  assert.equal(pushed.failedLines, 5000)
  assert.match(pushed.error ?? '', /400.*partial write/)
})

test('a refusal of all is the end of a push, and no password is in what is said', async t => {
  const { client, heard } = await setUp(t, response =>
    response.writeHead(401).end(`wrong password ${PASSWORD}\n${'x'.repeat(100_000)}`),
  )

  const { error } = await client.push(chunksOf(20), NEVER)

  assert.equal(heard.length, 1)
  assert.match(error ?? '', /^answer 401 wrong password \.\.\. x/)
  assert.ok((error ?? '').length < 250)
})

test('a server that does not answer, or is not there, is given up', async t => {
  const { client } = await setUp(t, () => {})
  const deadline = new AbortController()
  setTimeout(() => deadline.abort(new Error('out of time')), 50)
  const nobody = new InfluxdbClient(
    { host: '127.0.0.1', port: 1 },
    influxdbSchema.parse({ user: 'u', password: 'pw' }),
    { writes: 0, failed: 0 },
  )

  const [silent, away] = await Promise.all([
    client.push(chunksOf(1), deadline.signal),
    nobody.push(chunksOf(1), NEVER),
  ])

  assert.match(silent.error ?? '', /out of time/)
  assert.match(away.error ?? '', /ECONNREFUSED/)
  assert.doesNotMatch(away.error ?? '', /pw/)
})
