// FastNetMon's gRPC interface on a free port, asked by a gRPC client with its own descriptions.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { GrpcClient } from '#lib/grpc/grpc-client.ts'
import { loadService, methodOf } from '#lib/grpc/proto-file.ts'
import { SILENT } from '#lib/log/logger.ts'
import { freePort } from '../../../../lab/free-port.ts'
import { until } from '../../../../test/until.ts'
import type { FastnetmonDesk, Ordered } from './desk.ts'
import { ApiCounts } from './metrics.ts'
import { serveFastnetmonApi } from './server.ts'

async function serving(t: TestContext, ordered: Ordered = { kind: 'done' }) {
  const asked: string[] = []
  const desk: FastnetmonDesk = {
    banned: () => ['2001:db8:99::1/128', '10.99.1.1', '10.99.2.0/24'],
    ban: async host => {
      asked.push(`ban ${host}`)
      return ordered
    },
    unban: async host => {
      asked.push(`unban ${host}`)
      return ordered
    },
    totals: async withClasses => [
      {
        ...{ direction: 'incoming', family: 4, packetsPerSecond: 1000.7, bitsPerSecond: 2_500_000 },
        flowsPerSecond: 12,
        classes: withClasses ? [{ name: 'tcp', packetsPerSecond: 700.5, bitsPerSecond: 2_000_000 }] : [],
      },
      {
        ...{ direction: 'incoming', family: 6, packetsPerSecond: 5, bitsPerSecond: 500_000 },
        flowsPerSecond: undefined,
        classes: withClasses ? [{ name: 'tcp', packetsPerSecond: 4, bitsPerSecond: 400_000 }] : [],
      },
    ],
  }
  const port = await freePort()
  const counts = new ApiCounts()
  const listen = { host: '127.0.0.1', port }
  const listening = serveFastnetmonApi({ listen, desk, counts, log: SILENT })
  await listening.tried
  assert.equal(listening.problem, undefined)
  const address = `127.0.0.1:${port}`
  const client = new GrpcClient({ address, deadlineMs: 2000, messageBytesMax: 65_536, streamMax: 100 })
  t.after(async () => {
    client.close()
    await listening.close()
  })
  const folder = import.meta.dirname
  const old = loadService(join(folder, 'fastnetmon.proto'), 'fastmitigation.Fastnetmon')
  const newest = loadService(join(folder, 'fastnetmon-internal.proto'), 'fastnetmoninternal.Fastnetmon')
  return { client, asked, old, newest, port, refused: () => [...counts.metrics()][0]?.value }
}

test('both packages list the bans in the form of FastNetMon, IPv4 first', async t => {
  const { client, old, newest } = await serving(t)

  for (const service of [old, newest]) {
    const reply = await client.list(methodOf(service, 'GetBanlist'), {})
    assert.deepEqual(reply.kind === 'ok' && reply.value.map(entry => Reflect.get(entry, 'ip_address')), [
      '10.99.1.1/32',
      '10.99.2.0/24',
      '2001:0db8:0099::0001/128',
    ])
  }
})

test('a ban and an unban reach the desk in canonical form', async t => {
  const { client, asked, old, newest } = await serving(t)

  assert.deepEqual(await client.call(methodOf(old, 'ExecuteBan'), { ip_address: '2001:0DB8::0001' }), {
    kind: 'ok',
    value: { result: true },
  })
  assert.equal((await client.call(methodOf(newest, 'ExecuteUnBan'), { ip_address: '10.99.1.1' })).kind, 'ok')
  assert.deepEqual(asked, ['ban 2001:db8::1', 'unban 10.99.1.1'])
})

test('what is no address never reaches the desk, and a long message is refused before it is read', async t => {
  const { client, asked, old } = await serving(t)

  for (const text of ['zzz', '', '10.99.1.1/32', '10.99.1.1 ', 'x'.repeat(100_000)]) {
    assert.equal((await client.call(methodOf(old, 'ExecuteBan'), { ip_address: text })).kind, 'refused')
  }
  assert.deepEqual(asked, [])
})

test('an unban takes a line of the ban list as it is, of a host and of prefixes; a ban only a host', async t => {
  const { client, asked, old } = await serving(t)

  for (const text of ['10.99.1.1/32', '10.99.2.7/24', '2001:0DB8:0099::0001/128', '10.99.1.1']) {
    assert.equal((await client.call(methodOf(old, 'ExecuteUnBan'), { ip_address: text })).kind, 'ok')
  }
  const ban = await client.call(methodOf(old, 'ExecuteBan'), { ip_address: '10.99.2.0/24' })

  assert.deepEqual(asked, [
    ...['unban 10.99.1.1/32', 'unban 10.99.2.0/24'],
    ...['unban 2001:db8:99::1/128', 'unban 10.99.1.1'],
  ])
  assert.deepEqual(ban, { kind: 'refused', error: 'Malformed IP address' })
})

test('the seventeenth connection is closed and counted, and there is room again when one has gone', async t => {
  const { client, old, port, refused } = await serving(t)
  const sockets = Array.from({ length: 16 }, () => connect(port, '127.0.0.1'))
  t.after(() => sockets.map(socket => socket.destroy()))
  await Promise.all(sockets.map(socket => once(socket, 'connect')))

  const [shut] = await Promise.all([client.call(methodOf(old, 'ExecuteBan'), { ip_address: '10.99.1.1' })])
  assert.equal(shut.kind, 'unreachable')
  assert.ok(Number(refused()) > 0)

  for (const socket of sockets) socket.destroy()
  await until(
    async () => (await client.call(methodOf(old, 'ExecuteBan'), { ip_address: '10.99.1.1' })).kind === 'ok',
    'room',
  )
})

test('refusals have the statuses and words of FastNetMon', async t => {
  const cases: [Ordered, string][] = [
    [{ kind: 'outside' }, 'refused This IP does not belong to our subnets'],
    [{ kind: 'refused', detail: 'too many' }, 'refused too many'],
    [{ kind: 'already' }, 'ok'],
  ]
  for (const [ordered, expected] of cases) {
    const { client, old } = await serving(t, ordered)
    const reply = await client.call(methodOf(old, 'ExecuteBan'), { ip_address: '8.8.8.8' })
    assert.equal(reply.kind === 'ok' ? 'ok' : `${reply.kind} ${reply.error}`, expected)
  }
})

test('totals are told for both versions or one of them, in bit/s or whole Mbit/s', async t => {
  const { client, newest } = await serving(t)
  const first = async (method: string, unit: string, more = {}, most = 3) => {
    const reply = await client.list(methodOf(newest, method), { unit, ...more })
    const values = reply.kind === 'ok' ? reply.value : []
    return values
      .slice(0, most)
      .map(
        counter =>
          `${Reflect.get(counter, 'counter_name')} ${Reflect.get(counter, 'counter_value')} ${Reflect.get(counter, 'counter_unit')}`,
      )
  }

  assert.deepEqual(await first('GetTotalTrafficCounters', 'bps'), [
    'incoming traffic 1005 pps',
    'incoming traffic 3000000 bps',
    'incoming traffic 12 flows',
  ])
  assert.deepEqual((await first('GetTotalTrafficCountersV4', '')).slice(0, 2), [
    'incoming traffic 1000 pps',
    'incoming traffic 2 mbps',
  ])
  assert.deepEqual((await first('GetTotalTrafficCountersV6', 'bps')).slice(0, 2), [
    'incoming traffic 5 pps',
    'incoming traffic 500000 bps',
  ])
  const perProtocol = { get_per_protocol_metrics: true }
  assert.deepEqual(await first('GetTotalTrafficCounters', '', perProtocol, 6), [
    'incoming traffic 1005 pps',
    'incoming tcp traffic 704 pps',
    'incoming traffic 3 mbps',
    'incoming tcp traffic 2 mbps',
    'incoming traffic 12 flows',
    'outgoing traffic 0 pps',
  ])
  assert.deepEqual(await first('GetTotalTrafficCountersV6', 'bps', perProtocol, 5), [
    'incoming traffic 5 pps',
    'incoming tcp traffic 4 pps',
    'incoming traffic 500000 bps',
    'incoming tcp traffic 400000 bps',
    'outgoing traffic 0 pps',
  ])
})
