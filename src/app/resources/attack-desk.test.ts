import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OF_C1, OF_C2, report, setUp } from './resources-for-tests.ts'

test('attacks are listed with whose they are, open and over, page by page, and no further than one reaches', async t => {
  const { call, intake, desk, clock, book } = await setUp(t)
  for (const last of [1, 2, 3]) {
    clock.now += 1000
    await intake.events.receive(report(`203.0.113.${last}`))
  }
  await desk.settled()
  const [newest, middle] = book.list('open')
  intake.events.end(middle!.attack.id, 'unknown', 'operator')

  const all = await call('GET', '/attacks')
  const first = await call('GET', '/attacks?limit=2')
  const second = await call('GET', `/attacks?limit=2&cursor=${first.body.nextCursor}`)
  const open = await call('GET', '/attacks?state=open&customer=c1&direction=incoming&hostgroup=global')
  const host = await call('GET', '/attacks?host=203.0.113.1')
  const since = await call('GET', `/attacks?since=${new Date(newest!.attack.openedAt).toISOString()}`)
  const outgoing = await call('GET', '/attacks?direction=outgoing')
  const theirs = await call('GET', '/attacks', undefined, OF_C1)
  const hidden = await call('GET', '/attacks', undefined, OF_C2)

  const hosts = ({ attacks }: { attacks: { host: string }[] }) => attacks.map(each => each.host)
  assert.deepEqual(hosts(all.body), ['203.0.113.3', '203.0.113.2', '203.0.113.1'])
  assert.equal(all.body.attacks[0].customer, 'c1')
  assert.deepEqual([...hosts(first.body), ...hosts(second.body)], hosts(all.body))
  assert.deepEqual(hosts(open.body), ['203.0.113.3', '203.0.113.1'])
  assert.equal(open.body.total, 2)
  assert.deepEqual(hosts(host.body), ['203.0.113.1'])
  assert.deepEqual(hosts(since.body), ['203.0.113.3'])
  assert.deepEqual(outgoing.body.attacks, [])
  assert.deepEqual(hosts(theirs.body), hosts(all.body))
  assert.deepEqual(hidden.body, { attacks: [], total: 0 })
})

test('the report of one that memory has forgotten comes from the state', async t => {
  const { call, intake, desk, book } = await setUp(t)
  await intake.events.receive(report('203.0.113.1'))
  await desk.settled()
  const [entry] = book.list('open')
  const { id } = entry!.attack

  const inMemory = await call('GET', `/attacks/${id}`)
  const hidden = await call('GET', `/attacks/${id}`, undefined, OF_C2)
  intake.events.end(id, 'unknown', 'operator')
  await desk.settled()
  t.mock.method(book, 'get', () => undefined)
  const past = await call('GET', `/attacks/${id}`)

  assert.deepEqual(inMemory.body, { id })
  assert.deepEqual([hidden.status, hidden.body.code], [404, 'unknown-attack'])
  assert.equal(past.status, 200)
  assert.equal('facts' in past.body, false)
  assert.match(past.body.decision, /203\.0\.113\.1/)
})
