// What goes to gobgpd together and what by itself, with a server that takes what a test lets it take.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { type Change, routeAnnouncement } from '#7-mitigation/announcement.ts'
import { loadService } from '#lib/grpc/proto-file.ts'
import { GobgpClient } from './client.ts'

interface AskedPath {
  readonly nlri: { readonly prefix: string }
  readonly is_withdraw: boolean
}

const announce = (prefix: string): Change => ({
  kind: 'announce',
  announcement: routeAnnouncement({
    prefix,
    nextHop: prefix.includes(':') ? '100::1' : '192.0.2.66',
    communities: ['65001:666'],
  }),
})
const withdraw = (prefix: string): Change => ({ ...announce(prefix), kind: 'withdraw' })

/** A server that refuses these prefixes, each message as a whole; `hasStreams` false: it is one that knows no streams. */
async function serve(t: TestContext, refused: readonly string[] = [], hasStreams = true) {
  const heard: string[] = []
  const wordOf = ({ nlri, is_withdraw }: AskedPath) => `${is_withdraw ? '-' : '+'}${nlri.prefix}`
  const isRefused = (paths: readonly AskedPath[]) => paths.some(({ nlri }) => refused.includes(nlri.prefix))
  const refusal = { code: status.UNKNOWN, details: 'nexthop not found' }
  const one =
    (name: string) =>
    ({ request }: ServerUnaryCall<{ path: AskedPath }, object>, answer: sendUnaryData<object>) => {
      heard.push(`${name} ${wordOf(request.path)}`)
      if (isRefused([request.path])) answer(refusal)
      else answer(null, {})
    }
  const many = (
    call: ServerReadableStream<{ paths: AskedPath[] }, object>,
    answer: sendUnaryData<object>,
  ) => {
    const paths: AskedPath[] = []
    call.on('data', ({ paths: some }) => paths.push(...some))
    call.on('end', () => {
      heard.push(`AddPathStream ${paths.map(wordOf).join(' ')}`)
      if (isRefused(paths)) answer(refusal)
      else answer(null, {})
    })
  }
  const server = new Server()
  server.addService(loadService(join(import.meta.dirname, 'gobgp.proto'), 'apipb.GobgpApi'), {
    AddPath: one('AddPath'),
    DeletePath: one('DeletePath'),
    ...(hasStreams ? { AddPathStream: many } : {}),
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  const client = new GobgpClient({
    address: `127.0.0.1:${port}`,
    deadlineMs: 2000,
    listDeadlineMs: 2000,
    mark: undefined,
    allowOffsets: false,
  })
  t.after(() => {
    client.close()
    server.forceShutdown()
  })
  return { client, heard, server }
}

const CHANGES = [announce('10.0.0.1/32'), withdraw('10.0.0.2/32'), announce('2001:db8::1/128')]

test('many changes go in one message, announcements and withdrawals of both families; one goes by itself', async t => {
  const { client, heard } = await serve(t)

  const many = await client.send(CHANGES)
  const one = await client.send([withdraw('10.0.0.1/32')])

  assert.deepEqual([...many, ...one], Array(4).fill({ kind: 'sent' }))
  assert.deepEqual(heard, ['AddPathStream +10.0.0.1 -10.0.0.2 +2001:db8::1', 'DeletePath -10.0.0.1'])
})

test('one that is refused costs no other: each is asked for by itself then', async t => {
  const { client, heard } = await serve(t, ['10.0.0.2'])

  const [first, second, third] = await client.send(CHANGES)

  assert.deepEqual([first, third], [{ kind: 'sent' }, { kind: 'sent' }])
  assert.deepEqual(second, {
    kind: 'refused',
    error: 'gobgpd refuses withdraw 10.0.0.2/32: nexthop not found',
  })
  assert.deepEqual(heard.slice(1).toSorted(), [
    'AddPath +10.0.0.1',
    'AddPath +2001:db8::1',
    'DeletePath -10.0.0.2',
  ])
})

test('a server that knows no streams is asked one by one, and one that is gone is down for all', async t => {
  const { client, heard, server } = await serve(t, [], false)

  assert.deepEqual(await client.send(CHANGES), Array(3).fill({ kind: 'sent' }))
  assert.equal(heard.length, 3)
  server.forceShutdown()
  const answers = await client.send(CHANGES)

  assert.deepEqual(
    answers.map(answer => [answer.kind, answer.kind === 'down' && answer.forgets]),
    Array(3).fill(['down', true]),
  )
})
