import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { holdPort } from '../../lab/free-port.ts'
import { until } from '../../test/until.ts'
import { apiSchema } from './config.ts'
import { clientAt } from './contract/client.ts'
import { EXAMPLE_BAN } from './contract/examples.ts'
import { ROUTES } from './contract/routes.ts'
import type { Control } from './control.ts'
import { fakeControl } from './fake-control.ts'
import { serve, urlOf } from './http-door-for-tests.ts'
import { serveHttp } from './http-listener.ts'
import { buildApi } from './server.ts'

test('the contract is served on a port, to the same client as on the socket', async t => {
  const door = await serve(t)

  const status = await clientAt({ kind: 'url', url: urlOf(door) }).call(ROUTES.status, {})

  assert.equal(status.kind === 'ok' && status.value.pid, 4711)
})

test('every answer has the headers that keep browsers from mischief, and a name for its request', async t => {
  const door = await serve(t)
  const ask = (id: string) => fetch(`${urlOf(door)}/nowhere`, { headers: { 'x-request-id': id } })

  const [own, made] = await Promise.all([ask('a-b_c.9'), ask('x'.repeat(129))])

  assert.equal(own.headers.get('x-request-id'), 'a-b_c.9')
  assert.match(made.headers.get('x-request-id') ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  assert.deepEqual(
    ['x-content-type-options', 'x-frame-options', 'cache-control', 'strict-transport-security'].map(name =>
      own.headers.get(name),
    ),
    ['nosniff', 'DENY', 'no-store', null],
  )
})

test('pages of the one origin that is named may ask, others are told nothing', async t => {
  const origin = 'https://console.example.org'
  const door = await serve(t, { corsOrigin: origin })
  const preflight = (from: string) =>
    fetch(`${urlOf(door)}/api/v1/bans`, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'PUT' },
    })

  const [ours, theirs] = await Promise.all([preflight(origin), preflight('https://evil.example.org')])

  assert.equal(ours.status, 204)
  assert.equal(ours.headers.get('access-control-allow-origin'), origin)
  assert.match(ours.headers.get('access-control-allow-methods') ?? '', /PUT/)
  assert.equal(theirs.headers.get('access-control-allow-origin'), null)
})

test('a busy port is told and taken when it is free', async t => {
  const { port, server } = await holdPort()
  const door = await serve(t, {}, port)
  assert.match(door.problem ?? '', /EADDRINUSE/)

  await new Promise(resolve => server.close(resolve))
  await until(() => door.isListening)

  assert.equal(door.problem, undefined)
  assert.equal(door.port, port)
})

test('what is too large, too slow or no HTTP is cut off, and the next is served', async t => {
  const [door, hasty] = [await serve(t, { bodyBytesMax: 1024 }), await serve(t, { requestSeconds: 0.3 })]
  const say = (text: string, { port } = door) =>
    new Promise<string>(resolve => {
      const socket = connect(port ?? 0, '127.0.0.1')
      let heard = ''
      socket.on('data', chunk => {
        heard += chunk.toString('latin1')
      })
      socket.on('error', () => resolve(heard))
      socket.on('close', () => resolve(heard))
      socket.write(text)
    })
  const head = 'POST /api/v1/bans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

  const [large, lying, slow, noise, header] = await Promise.all([
    fetch(`${urlOf(door)}/api/v1/bans`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: 'x'.repeat(2000) },
    }),
    say(`${head}Content-Length: 99999999\r\nConnection: close\r\n\r\n{`),
    say(`${head}Content-Length: 10\r\n\r\n{"host"`, hasty),
    say('\x16\x03\x01\0\0\0\0\r\n\r\n'),
    say(`GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
  ])

  assert.equal(large.status, 413)
  assert.match(lying, /^HTTP\/1\.1 413/)
  assert.match(slow, /^HTTP\/1\.1 408|^$/)
  assert.match(noise, /^HTTP\/1\.1 400/)
  assert.match(header, /^HTTP\/1\.1 431/)
  const status = await clientAt({ kind: 'url', url: urlOf(door) }).call(ROUTES.status, {})
  assert.equal(status.kind, 'ok')
})

test('whoever lost the connection before the answer sends the same again and has it', async t => {
  let times = 0
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>()
  const ban: Control['ban'] = async () => {
    times++
    begin()
    await lost
    return { kind: 'done', value: EXAMPLE_BAN }
  }
  const door = await serve(t, { control: fakeControl({ ban }) })
  const send = (signal?: AbortSignal) =>
    fetch(`${urlOf(door)}/api/v1/bans`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
      body: JSON.stringify({ host: EXAMPLE_BAN.host }),
      ...(signal && { signal }),
    })
  const broken = new AbortController()

  const first = send(broken.signal)
  await begun
  broken.abort()
  await assert.rejects(first)
  const meanwhile = await send()
  lose()
  await new Promise(setImmediate)
  const again = await send()

  assert.deepEqual([meanwhile.status, again.status, times], [409, 201, 1])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal(ROUTES.ban.output.parse(await again.json()).host, EXAMPLE_BAN.host)
})

test('it listens when what it waits for is there, and can be closed before', async t => {
  const { promise: after, resolve } = Promise.withResolvers<void>()
  const config = apiSchema.parse({})
  const build = () => buildApi({ control: fakeControl(), log: SILENT, callerOf: () => ({ uid: 0, pid: 1 }) })
  const open = (waits: Promise<void>) =>
    serveHttp({
      ...{ name: 'API', listen: { host: '127.0.0.1', port: 0 }, config, log: SILENT, build, after: waits },
    })
  const door = open(after)
  t.after(() => door.close())
  const early = open(new Promise(() => {}))

  await early.close()
  const before = door.isListening
  resolve()
  await door.tried

  assert.deepEqual([early.isListening, before, door.isListening], [false, false, true])
})
