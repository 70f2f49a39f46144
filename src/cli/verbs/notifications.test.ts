import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../run-for-tests.ts'
import { deadLettersText, notificationsText } from './notifications.ts'

test('who is told is listed, with what nobody has taken', async () => {
  const list = await run('notifications')
  const letters = await run('notifications dead-letters --destination chat --limit 5')
  const resent = await run('notifications resend --all')
  const gone = await run('notifications discard a b')

  assert.match(list.out, /chat +slack +failing +2 +41 +1 .*hooks\.slack\.com: ETIMEDOUT/)
  assert.match(list.out, /severity high and more: to pager, and on/)
  assert.match(letters.out, /0mi7kq3l9-000001-9f3a +chat +opened .*refused +HTTP 404/)
  assert.deepEqual(letters.asked.at(-1), { destination: 'chat', limit: 5 })
  assert.deepEqual(resent.asked.at(-1), { ids: undefined, destination: undefined, all: true })
  assert.deepEqual(gone.asked.at(-1), { ids: ['a', 'b'], destination: undefined, all: undefined })
  assert.match(resent.out, /^1 sent again\.\n$/)
  assert.match(
    notificationsText({ destinations: [], routes: [], groups: 0, deadLetters: 0, problems: [] }),
    /Nobody is told/,
  )
  assert.match(deadLettersText({ deadLetters: [], total: 0 }), /All messages were taken/)
})

test('message-test sends a test, says what came of it by its exit code, and shows a preview', async () => {
  const tested = await run('message-test chat')
  const preview = await run('message-test chat --preview ended')
  const wrong = await run('message-test chat --preview begun')

  assert.deepEqual([tested.code, tested.asked.at(-1)], [0, { destination: 'chat' }])
  assert.match(tested.out, /chat +slack +taken +212 ms/)
  assert.deepEqual(preview.asked.at(-1), { destination: 'chat', event: 'ended' })
  assert.match(preview.out, /Attack on 10\.99\.1\.1 \(Acme\)[\s\S]*Routes lead to: chat\./)
  assert.equal(wrong.code, 2)
})
