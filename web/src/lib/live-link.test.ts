import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveLink, type Socket } from './live-link.ts'

function setUp(isSteady = true) {
  const clock = { now: 0 }
  const sockets: (Socket & { closed: boolean })[] = []
  const told: string[] = []
  const link = new LiveLink({
    open: () => {
      const socket = { onopen: null, onmessage: null, onclose: null, closed: false, close: () => {} }
      socket.close = () => {
        socket.closed = true
      }
      sockets.push(socket)
      return socket
    },
    now: () => clock.now,
    isSteady: () => isSteady,
    changed: state => void told.push(state),
    heard: ({ kind }) => void told.push(kind),
    missed: () => void told.push('missed'),
    refused: () => void told.push('refused'),
  })
  const say = (message: object) =>
    sockets.at(-1)?.onmessage?.(new MessageEvent('message', { data: JSON.stringify(message) }))
  return { clock, sockets, told, link, say }
}

test('what is heard is live, and stale when nothing came for five seconds', () => {
  const { clock, sockets, told, link, say } = setUp()
  link.look()
  sockets[0]?.onopen?.(new Event('open'))
  say({ kind: 'traffic' })

  clock.now = 4999
  link.look()
  clock.now = 5000
  link.look()
  say({ kind: 'traffic' })

  assert.deepEqual(told, ['live', 'traffic', 'stale', 'live', 'traffic'])
})

test('a lost feed is opened again, later each time, and lists are asked for again', () => {
  const { clock, sockets, told, link } = setUp()
  link.look()
  sockets[0]?.onopen?.(new Event('open'))

  sockets[0]?.onclose?.(new CloseEvent('close', { code: 1006 }))
  link.look()
  const atOnce = sockets.length
  clock.now = 500
  link.look()
  sockets[1]?.onclose?.(new CloseEvent('close', { code: 1006 }))
  clock.now = 999
  link.look()
  const tooEarly = sockets.length
  link.look(true)
  sockets[2]?.onopen?.(new Event('open'))

  assert.deepEqual([atOnce, tooEarly, sockets.length], [1, 2, 3])
  assert.deepEqual(told, ['stale', 'missed'])
})

test('a feed that is open and silent is given up where something must come, and only there', () => {
  for (const isSteady of [true, false]) {
    const { clock, sockets, link } = setUp(isSteady)
    link.look()
    sockets[0]?.onopen?.(new Event('open'))

    clock.now = 15_000
    link.look()

    assert.equal(sockets[0]?.closed, isSteady)
  }
})

test('whoever is no longer let in is told so, and what was skipped is asked for', () => {
  const { sockets, told, link, say } = setUp(false)
  link.look()
  sockets[0]?.onopen?.(new Event('open'))

  say({ kind: 'resync', reason: 'slow' })
  sockets[0]?.onclose?.(new CloseEvent('close', { code: 1008 }))

  assert.deepEqual(told, ['live', 'missed', 'refused', 'stale'])
})

test('a daemon that comes back after long is waited for as long as any other', () => {
  const { clock, sockets, told, link, say } = setUp()
  link.look()
  sockets[0]?.onopen?.(new Event('open'))
  sockets[0]?.onclose?.(new CloseEvent('close', { code: 1006 }))
  clock.now = 60_000
  link.look()

  clock.now = 63_000
  link.look()
  sockets[1]?.onopen?.(new Event('open'))
  say({ kind: 'traffic' })

  assert.deepEqual([sockets.length, sockets[1]?.closed], [2, false])
  assert.deepEqual(told.slice(-2), ['live', 'traffic'])
})
