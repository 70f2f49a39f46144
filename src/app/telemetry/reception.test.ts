// How datagrams get to a worker, whichever way they can be received.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { type TestContext, test } from 'node:test'
import { DatagramMemory, PLACE_BYTES } from '#1-capture/udp/datagram-memory.ts'
import { openUdpSocket } from '#1-capture/udp/socket.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import { receptionOf } from './reception.ts'
import type { Reception } from './turns.ts'

const PLAN = {
  listen: parseListenAddress('127.0.0.1:0')!,
  ...{ sockets: 1, ipv6Only: false, receiveBytes: 1 << 20 },
  receiver: 'batch' as const,
}

/** Sends texts to the port of a reception, and runs it until all of them have come. */
async function received(t: TestContext, reception: Reception, memory: DatagramMemory, texts: string[]) {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  for (const text of texts)
    await new Promise<void>(resolve => socket.send(text, reception.facts.port, '127.0.0.1', () => resolve()))
  const got: string[] = []
  let turns = 0
  await reception.run({
    take: (place, bytes) => got.push(Buffer.from(memory.bytes, place * PLACE_BYTES, bytes).toString()),
    turn: () => {
      turns++
    },
    drained: () => {},
    isStopped: () => got.length >= texts.length || turns > 500,
    pause: () => {},
    takeMessage: () => false,
    admits: () => false,
    endSession: () => {},
  })
  reception.close()
  return got
}

test('where system calls cannot be made, node:dgram receives and the reason is told', async t => {
  const memory = new DatagramMemory(4, 0)

  const opened = await receptionOf({ plan: PLAN, socket: undefined }, memory, async () => 'koffi is missing')

  assert.ok(opened.kind === 'open')
  assert.deepEqual([opened.fallback, opened.reception.facts.receiver], ['koffi is missing', 'dgram'])
  assert.deepEqual(await received(t, opened.reception, memory, ['a', 'b']), ['a', 'b'])
})

test('with system calls datagrams come in batches, also from a socket that was opened before', async t => {
  const memory = new DatagramMemory(4, 0)
  const socket = openUdpSocket({ ...PLAN, waitMs: 20 })
  const texts = Array.from({ length: 9 }, String)

  const opened = await receptionOf({ plan: PLAN, socket }, memory)

  assert.ok(opened.kind === 'open')
  const { facts } = opened.reception
  assert.deepEqual([facts.port, facts.receiver, opened.fallback], [socket.port, 'batch', undefined])
  assert.deepEqual(await received(t, opened.reception, memory, texts), texts)
})

test('up to when all that came is taken is told, and not while more may be waiting', async t => {
  const memory = new DatagramMemory(4, 0)
  const socket = openUdpSocket({ ...PLAN, waitMs: 20 })
  const sender = createSocket('udp4')
  t.after(() => sender.close())
  for (let at = 0; at < 9; at++)
    await new Promise<void>(resolve => sender.send('x', socket.port, '127.0.0.1', () => resolve()))
  const opened = await receptionOf({ plan: PLAN, socket }, memory)
  assert.ok(opened.kind === 'open')
  const began = Date.now()
  const told: [taken: number, datagrams: number][] = []
  let taken = 0
  let lastMs = 0

  await opened.reception.run({
    take: () => {
      taken++
    },
    drained: (datagrams, nowMs) => {
      told.push([taken, datagrams])
      lastMs = nowMs
    },
    ...{ turn: () => {}, pause: () => {}, endSession: () => {} },
    isStopped: () => told.length === 2,
    ...{ takeMessage: () => false, admits: () => false },
  })
  opened.reception.close()

  // Two batches of four, the ninth, and then nothing for as long as is waited.
  assert.deepEqual(told, [
    [9, 1],
    [9, 0],
  ])
  assert.ok(lastMs >= began + 10 && lastMs <= Date.now())
})

test('what cannot be opened is a value with the place in it', async () => {
  const listen = parseListenAddress('192.0.2.77:2055')!
  const plans = (['batch', 'dgram'] as const).map(receiver => ({ ...PLAN, listen, receiver }))

  for (const plan of plans) {
    const opened = await receptionOf({ plan, socket: undefined }, new DatagramMemory(1, 0))

    assert.ok(opened.kind === 'failed')
    assert.match(opened.problem, /^cannot receive on 192\.0\.2\.77:2055: /)
  }
})

test('drops go on being counted when the counter of the kernel, which has 32 bits, begins again', async t => {
  const [socket, batch] = await Promise.all([
    import('#1-capture/udp/socket.ts'),
    import('#1-capture/udp/batch.ts'),
  ])
  const told = [0xffff_fff0, 0xffff_fff0, 4, 5]
  const udpStatistics = () => ({ drops: told.shift() ?? 5, queuedBytes: 0, queueBytes: 0 })
  const calls = async () => ({ ...socket, ...batch, udpStatistics })
  const opened = await receptionOf(
    { plan: PLAN, socket: openUdpSocket({ ...PLAN, waitMs: 20 }) },
    new DatagramMemory(1, 0),
    calls,
  )
  assert.ok(opened.kind === 'open')
  const { reception } = opened
  t.after(() => reception.close())

  const drops = Array.from({ length: 4 }, () => reception.statistics().drops)

  assert.deepEqual(drops, [0xffff_fff0, 0xffff_fff0, 0x1_0000_0004, 0x1_0000_0005])
})
