// Real sockets on loopback, on ports the kernel chooses.

import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { SystemCallError } from '#lib/linux/libc.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import { DatagramBatch } from './batch.ts'
import { DatagramMemory, PLACE_BYTES } from './datagram-memory.ts'
import { openDgramReceiver } from './dgram-receiver.ts'
import { closeUdpSocket, openUdpSocket, type UdpOptions, type UdpSocket, udpStatistics } from './socket.ts'

interface Got {
  readonly sender: string
  readonly text: string
}

const OPTIONS = { receiveBytes: 1 << 20, sockets: 1, ipv6Only: false, waitMs: 50 }

const optionsOf = (listen: string, changes: Partial<UdpOptions> = {}): UdpOptions => ({
  ...OPTIONS,
  listen: parseListenAddress(listen)!,
  ...changes,
})

function opened(t: TestContext, options: UdpOptions): UdpSocket {
  const socket = openUdpSocket(options)
  t.after(() => closeUdpSocket(socket))
  return socket
}

function sender(t: TestContext, type: 'udp4' | 'udp6' = 'udp4'): Socket {
  const socket = createSocket(type)
  t.after(() => socket.close())
  return socket
}

async function send(socket: Socket, port: number, host: string, ...texts: string[]): Promise<void> {
  for (const text of texts)
    await new Promise<void>((resolve, reject) =>
      socket.send(text, port, host, error => (error ? reject(error) : resolve())),
    )
}

const senderOf = ({ family, a, b, c, d }: DatagramMemory): string => {
  const bytes = new Uint8Array(Int32Array.of(a, b, c, d).buffer)
  return family === 4 ? bytes.subarray(0, 4).join('.') : Buffer.from(bytes).toString('hex')
}

/** Receives until there are so many datagrams, or nothing comes. */
function receive(batch: DatagramBatch, { fd }: UdpSocket, wanted: number): Got[] {
  const got: Got[] = []
  for (let quiet = 0; got.length < wanted && quiet < 10; quiet++) {
    const count = batch.receive(fd)
    assert.ok(count >= 0, `errno ${-count}`)
    for (let place = 0; place < count; place++) {
      const bytes = batch.take(place)
      const { memory } = batch
      const text = Buffer.from(memory.bytes, place * PLACE_BYTES, bytes).toString()
      got.push({ sender: senderOf(memory), text })
    }
  }
  return got
}

test('datagrams come in batches, whole and in order, with the address of their sender', async t => {
  const socket = opened(t, optionsOf('127.0.0.1:0'))
  const batch = new DatagramBatch(new DatagramMemory(8, 0))
  const long = 'x'.repeat(60_000)

  await send(sender(t), socket.port, '127.0.0.1', 'one', '', long, ...Array.from({ length: 20 }, String))

  assert.deepEqual(
    receive(batch, socket, 23),
    ['one', '', long, ...Array.from({ length: 20 }, String)].map(text => ({ sender: '127.0.0.1', text })),
  )
})

test('over IPv6 too, where an IPv4 address that was mapped is an IPv4 address', async t => {
  const socket = opened(t, optionsOf('[::]:0'))
  const batch = new DatagramBatch(new DatagramMemory(8, 0))

  await send(sender(t, 'udp6'), socket.port, '::1', 'six')
  await send(sender(t), socket.port, '127.0.0.1', 'four')

  assert.deepEqual(receive(batch, socket, 2), [
    { sender: `${'0'.repeat(31)}1`, text: 'six' },
    { sender: '127.0.0.1', text: 'four' },
  ])
})

test('a receive ends after its time when nothing comes', t => {
  const socket = opened(t, optionsOf('127.0.0.1:0', { waitMs: 20 }))
  const began = performance.now()

  const count = new DatagramBatch(new DatagramMemory(2, 0)).receive(socket.fd)

  assert.equal(count, 0)
  assert.ok(performance.now() - began < 20_000)
})

test('what the kernel drops because the queue is full is counted', async t => {
  const socket = opened(t, optionsOf('127.0.0.1:0', { receiveBytes: 4096 }))
  const flood = Array.from({ length: 300 }, () => 'y'.repeat(1000))

  await send(sender(t), socket.port, '127.0.0.1', ...flood)
  const { drops, queuedBytes, queueBytes } = udpStatistics(socket.fd)
  const got = receive(new DatagramBatch(new DatagramMemory(64, 0)), socket, 300)

  assert.equal(got.length + drops, 300)
  assert.ok(drops > 0)
  assert.ok(queuedBytes > 0 && queueBytes >= 4096)
})

test('of two sockets on a port each gets senders of its own, whatever ports they send from', async t => {
  const first = opened(t, optionsOf('127.0.0.1:0', { sockets: 2 }))
  const second = opened(t, optionsOf(`127.0.0.1:${first.port}`, { sockets: 2 }))
  const hosts = Array.from({ length: 16 }, (_, at) => `127.0.0.${at + 2}`)
  for (const host of hosts) {
    for (const text of ['a', 'b', 'c']) {
      const from = sender(t)
      from.bind(0, host)
      await once(from, 'listening')
      await send(from, first.port, '127.0.0.1', text)
    }
  }

  const shares = [first, second].map(socket =>
    receive(new DatagramBatch(new DatagramMemory(64, 0)), socket, 48).map(({ sender: host }) => host),
  )

  for (const host of hosts) {
    const counts = shares.map(share => share.filter(other => other === host).length)
    assert.deepEqual(counts.toSorted(), [0, 3], host)
  }
  assert.ok(shares.every(share => share.length > 0))
})

test('a port that is taken, and an address that is not ours, are refused with a hint', t => {
  const { port } = opened(t, optionsOf('127.0.0.1:0'))

  const taken = () => openUdpSocket(optionsOf(`127.0.0.1:${port}`))
  const foreign = () => openUdpSocket(optionsOf('192.0.2.77:0'))

  assert.throws(taken, (error: unknown) => {
    assert.ok(error instanceof SystemCallError)
    return /another program receives on UDP port \d+: ss -ulpn names it/.test(error.message)
  })
  assert.throws(foreign, /192\.0\.2\.77 is no address of this machine/)
})

for (const [listen, type, host, expected] of [
  ['127.0.0.1:0', 'udp4', '127.0.0.1', '127.0.0.1'],
  ['[::]:0', 'udp6', '::1', `${'0'.repeat(31)}1`],
  ['[::]:0', 'udp4', '127.0.0.1', '127.0.0.1'],
] as const) {
  test(`without system calls node:dgram receives the same: ${type} on ${listen}`, async t => {
    const memory = new DatagramMemory(1, 0)
    const { promise, resolve } = Promise.withResolvers<Got>()
    const receiver = await openDgramReceiver(
      optionsOf(listen, { ipv6Only: type === 'udp4' && listen.startsWith('1') }),
      memory,
      bytes => resolve({ sender: senderOf(memory), text: Buffer.from(memory.bytes, 0, bytes).toString() }),
    )
    t.after(() => receiver.close())

    await send(sender(t, type), receiver.port, host, 'hello')

    assert.deepEqual(await promise, { sender: expected, text: 'hello' })
    assert.ok(receiver.receiveBytes > 0)
  })
}

test('a port that node:dgram cannot have is refused, and nothing of the attempt is kept', async t => {
  const taken = await openDgramReceiver(optionsOf('127.0.0.1:0', {}), new DatagramMemory(1, 0), () => {})
  t.after(() => taken.close())
  const descriptors = () => readdirSync('/proc/self/fd').length
  const before = descriptors()

  for (let attempt = 0; attempt < 5; attempt++) {
    const again = openDgramReceiver(
      optionsOf(`127.0.0.1:${taken.port}`, {}),
      new DatagramMemory(1, 0),
      () => {},
    )
    await assert.rejects(again, { code: 'EADDRINUSE' })
  }
  await new Promise(resolve => setImmediate(resolve))

  assert.equal(descriptors(), before)
})
