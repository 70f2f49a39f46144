import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import { test } from 'node:test'
import { ConnectionBound } from './connection-bound.ts'

/** A server of which only the events matter, with 100 connections altogether. */
function bound(isTrusted: (address: string) => boolean = () => false) {
  const server = new EventEmitter()
  const connections = new ConnectionBound(isTrusted)
  connections.watch(server as Server, 100)
  const open = (remoteAddress: string) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress, isCut: false, destroy: () => {} })
    socket.destroy = () => {
      socket.isCut = true
    }
    server.emit('connection', socket)
    return socket
  }
  const refused = () =>
    Object.fromEntries([...connections.metrics()].map(({ labels, value }) => [labels?.['reason'], value]))
  return { server, open, refused }
}

const many = (open: (address: string) => { isCut: boolean }, address: (at: number) => string, times = 40) =>
  Array.from({ length: times }, (_, at) => open(address(at))).filter(({ isCut }) => !isCut).length

test('one address holds a quarter and no more, others are let in, and what ends makes room', () => {
  const { open, refused } = bound()
  const first = open('192.0.2.1')

  assert.equal(
    many(open, () => '192.0.2.1'),
    24,
  )
  assert.equal(open('192.0.2.2').isCut, false)
  first.emit('close')
  assert.equal(open('192.0.2.1').isCut, false)
  assert.equal(open('::ffff:192.0.2.1').isCut, true)
  assert.deepEqual(refused(), { total: 0, address: 17 })
})

test('a /64 counts as one; this machine and proxies that are believed are not bounded', () => {
  const { open } = bound(address => address === '198.51.100.1')

  assert.equal(
    many(open, at => `2001:db8::${at}`),
    25,
  )
  assert.equal(
    many(open, () => '127.0.0.1'),
    40,
  )
  assert.equal(
    many(open, () => '::1'),
    40,
  )
  assert.equal(
    many(open, () => '198.51.100.1'),
    40,
  )
})

test('what the whole is bounded by is counted too', () => {
  const { server, refused } = bound()

  server.emit('drop', {})

  assert.deepEqual(refused(), { total: 1, address: 0 })
})
