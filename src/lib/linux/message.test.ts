// Packets leave from their slots, in order and with their own lengths.

import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { close, connect, must, socket } from './libc.ts'
import { MessageSlots } from './message.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const LOOPBACK = [127, 0, 0, 1]
const SLOT_BYTES = 16

test('slots are sent in order, each with its own length', async t => {
  const receiver = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => receiver.close())
  const fd = connectedSocket(receiver.address().port)
  t.after(() => close(fd))
  const packets = new ArrayBuffer(4 * SLOT_BYTES)
  const slots = new MessageSlots(packets, { slots: 4, slotBytes: SLOT_BYTES })
  for (let slot = 0; slot < 4; slot++) {
    new Uint8Array(packets, slot * SLOT_BYTES, SLOT_BYTES).fill(slot)
    slots.setLength(slot, slot + 1)
  }
  const received: string[] = []
  const last = new Promise<void>(resolve => {
    receiver.on('message', message => {
      received.push(message.toString('hex'))
      if (received.length === 3) resolve()
    })
  })

  const sent = slots.send(fd, 1, 3)
  await last

  assert.equal(sent, 3)
  assert.deepEqual(received, ['0101', '020202', '03030303'])
})

test('a failing send is a negative number', () => {
  const slots = new MessageSlots(new ArrayBuffer(SLOT_BYTES), { slots: 1, slotBytes: SLOT_BYTES })

  assert.ok(slots.send(-1, 0, 1) < 0)
})

test('slots beyond the buffer are a bug', () => {
  const slots = new MessageSlots(new ArrayBuffer(SLOT_BYTES), { slots: 1, slotBytes: SLOT_BYTES })

  assert.throws(
    () => new MessageSlots(new ArrayBuffer(1), { slots: 1, slotBytes: 2 }),
    /slots fit the buffer/,
  )
  assert.throws(() => slots.send(0, 1, 1), /slots exist/)
})

function connectedSocket(port: number): number {
  const fd = must(socket(AF_INET, SOCK_DGRAM, 0), 'socket')
  const address = new Uint8Array([AF_INET, 0, port >> 8, port & 255, ...LOOPBACK, 0, 0, 0, 0, 0, 0, 0, 0])
  must(connect(fd, address, address.length), 'connect')
  return fd
}
