// Tricks with paths, headers and bodies, as bytes on the wire: none gets more than a refusal, and none ends the server.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Facts } from '#lib/log/logger.ts'
import { SILENT } from '#lib/log/logger.ts'
import { serve, urlOf } from './http-door-for-tests.ts'

const BOUND = 65_536
const COMMON = 'Host: localhost\r\nConnection: close\r\n'

const get = (path: string, headers = '', method = 'GET') =>
  `${method} ${path} HTTP/1.1\r\n${COMMON}${headers}\r\n`
const post = (body: string, headers = '') =>
  `POST /api/v1/bans HTTP/1.1\r\n${COMMON}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
const chunked = (chunks: number) =>
  `POST /api/v1/bans HTTP/1.1\r\n${COMMON}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${`1000\r\n${'x'.repeat(4096)}\r\n`.repeat(chunks)}0\r\n\r\n`

/** What is said, and the status it is answered with. */
const TRICKS: Readonly<Record<string, readonly [said: string, status: number]>> = {
  'an escape that is none': [get('/api/v1/attacks/%zz'), 400],
  'a part that is too long': [get(`/api/v1/attacks/${'a'.repeat(300)}`), 400],
  'a zero byte': [get('/api/v1/attacks/%00'), 404],
  dots: [get('/api/v1/../v1/status'), 404],
  'dots in escapes': [get('/api/v1/%2e%2e/status'), 404],
  'a slash in an escape': [get('/api/v1%2fstatus'), 404],
  'two slashes': [get('//api/v1/status'), 404],
  'a slash at the end': [get('/api/v1/status/'), 404],
  'capital letters': [get('/API/V1/STATUS'), 404],
  'a parameter of the path': [get('/api/v1/status;a=b'), 404],
  TRACE: [get('/api/v1/status', '', 'TRACE'), 404],
  'a method that is none': [get('/api/v1/status', '', 'FOO'), 400],
  'a query twice': [get('/api/v1/attacks?limit=1&limit=2'), 400],
  'a query of the prototype': [get('/api/v1/attacks?__proto__=1'), 400],
  'two lengths': [post('{}', 'Content-Length: 3\r\n'), 400],
  'a length and chunks': [post('{}', 'Transfer-Encoding: chunked\r\n'), 400],
  'a folded header': [get('/api/v1/status', 'X: a\r\n b\r\n'), 400],
  'two hosts': [get('/api/v1/status', 'Host: evil.example.org\r\n'), 400],
  'no host': ['GET /api/v1/status HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  'a thousand headers': [
    get('/api/v1/status', Array.from({ length: 1500 }, (_, at) => `h${at}: value\r\n`).join('')),
    431,
  ],
  'an expectation': [post('{}', 'Expect: the-best\r\n'), 417],
  'chunks beyond the bound': [chunked(20), 413],
  'a body that is compressed': [post('abc', 'Content-Encoding: gzip\r\n'), 415],
  'nothing where JSON was announced': [post(''), 415],
  'half of a body': [post('{"host":'), 415],
  'lists in lists': [post('['.repeat(30_000) + ']'.repeat(30_000)), 400],
  'objects in objects': [post(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`), 400],
  'a prototype in a body': [post('{"__proto__":{"role":"admin"}}'), 415],
  'a constructor in a body': [post('{"constructor":{"prototype":{"role":"admin"}}}'), 415],
}

test('tricks on the wire are refused as what they are, with nothing of the inside in the answer', async t => {
  const failures: unknown[] = []
  const log = { ...SILENT, error: (_: string, facts?: Facts) => void failures.push(facts) }
  const door = await serve(t, { bodyBytesMax: BOUND, log })
  const say = (text: string) =>
    new Promise<string>(resolve => {
      let heard = ''
      const socket = connect(door.port ?? 0, '127.0.0.1', () => socket.write(text))
      socket.on('data', chunk => {
        heard += chunk
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(heard))
    })

  const answers = await Promise.all(
    Object.entries(TRICKS).map(async ([name, [text, status]]) => ({ name, status, heard: await say(text) })),
  )

  for (const { name, status, heard } of answers) {
    assert.match(heard, new RegExp(`^HTTP/1\\.1 ${status} `), name)
    assert.doesNotMatch(heard, /FST_|node:|\.ts:|stack|fastify/i, name)
    // Node itself answers these two, before anybody is asked.
    if (name !== 'no host' && name !== 'an expectation')
      assert.match(heard, /^x-content-type-options: nosniff\r$/im, name)
  }
  assert.deepEqual(failures, [])
  assert.equal((await fetch(`${urlOf(door)}/api/v1/status`)).status, 200)
})

test('many who begin and never end are cut off, and others are served meanwhile', async t => {
  const door = await serve(t, { requestSeconds: 1, connectionsMax: 30 })
  const begun = performance.now()
  const slow = Array.from({ length: 20 }, async (_, at) => {
    const socket = connect(door.port ?? 0, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    // Some say nothing at all, some stop in the headers, some in the body; each a byte now and then.
    if (at % 3 > 0) socket.write(at % 3 === 1 ? 'GET / HTTP/1.1\r\nX: ' : post('{}').slice(0, -1))
    const drip = setInterval(() => at % 3 === 1 && socket.write('a'), 100)
    await new Promise(resolve => socket.once('close', resolve))
    clearInterval(drip)
  })

  const served = await fetch(`${urlOf(door)}/api/v1/health`)
  await Promise.all(slow)

  assert.equal(served.status, 200)
  assert.ok(performance.now() - begun < 30_000)
})
