import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CLIENTS_MAX, Feed } from '#compat/prefixd/api/feed.ts'
import { AttackIds } from '#compat/prefixd/ids.ts'
import { ban, OF_C2, setUp, TOKEN } from './prefixd-for-tests.ts'

/** Longer than changes are gathered. */
const TOLD_MS = 120

function fakeSocket() {
  const sent: { type: string; mitigation_id?: string; mitigation?: { mitigation_id: string } }[] = []
  const heard = new Map<string, () => void>()
  const closed: number[] = []
  return {
    ...{ sent, closed, bufferedAmount: 0 },
    send: (text: string) => void sent.push(JSON.parse(text)),
    close: (code: number) => void closed.push(code),
    on: (event: string, listener: () => void) => heard.set(event, listener),
    leave: () => heard.get('close')?.(),
  }
}

test('GET /v1/ws/feed: created, updated and withdrawn, to whom they concern, and resync for who fell behind', async t => {
  const { call, prefixd, book } = await setUp(t)
  let heard: ((attackId: string) => void) | undefined
  const feed = new Feed({
    desk: {
      ...prefixd,
      feed: {
        subscribe: listener => {
          heard = listener
          return () => {
            heard = undefined
          }
        },
      },
    },
    ids: new AttackIds(),
  })
  const [one, stranger] = [fakeSocket(), fakeSocket()]
  feed.add(one, TOKEN)
  feed.add(stranger, OF_C2)
  const tell = async () => {
    for (const { attack } of book.list('all')) heard?.(attack.id)
    await sleep(TOLD_MS)
  }

  const { body } = await call('POST', '/v1/events', ban())
  await tell()
  await call('POST', '/v1/events', ban({ event_id: 'a2' }))
  one.bufferedAmount = 2 << 20
  await tell()
  one.bufferedAmount = 0
  await call('POST', `/v1/mitigations/${body.mitigation_id}/withdraw`, { operator_id: 'a', reason: '' })
  await tell()
  await tell()
  one.leave()
  stranger.leave()

  assert.deepEqual(
    one.sent.map(({ type }) => type),
    ['mitigation_created', 'resync_required', 'mitigation_withdrawn'],
  )
  assert.equal(one.sent[0]?.mitigation?.mitigation_id, body.mitigation_id)
  assert.deepEqual(one.sent[2], { type: 'mitigation_withdrawn', mitigation_id: body.mitigation_id })
  assert.deepEqual(stranger.sent, [])
  assert.equal(heard, undefined)
  const sockets = Array.from({ length: CLIENTS_MAX + 1 }, fakeSocket)
  for (const socket of sockets) feed.add(socket, TOKEN)
  assert.deepEqual([sockets.at(-2)?.closed, sockets.at(-1)?.closed], [[], [1013]])
})
