import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isActive } from '#7-mitigation/mitigation.ts'
import { OF_C1, OF_C2, report, setUp } from './resources-for-tests.ts'

const idsOf = (body: { mitigations: { id: string }[] }) => body.mitigations.map(({ id }) => id)

test('an order by hand is carried out, shown with its attack, and taken back once', async t => {
  const { call, desk, store } = await setUp(t)
  const order = {
    ...{ target: '203.0.113.5', protocol: 17, ports: [53], action: 'rate-limit', bitsPerSecond: 1e6 },
    ...{ ttlSeconds: 300, reason: 'ticket 4711' },
  }

  const ordered = await call('POST', '/mitigations', order)
  const again = await call('POST', '/mitigations', order)
  await desk.settled()
  const { id, attackId } = ordered.body.mitigations[0]
  const one = await call('GET', `/mitigations/${id}`)
  const taken = await call('POST', `/mitigations/${id}/withdraw`, { reason: 'over' })
  await desk.settled()
  const twice = await call('POST', `/mitigations/${id}/withdraw`, {})
  const ended = await call('GET', `/mitigations?state=ended`)

  assert.equal(ordered.status, 201)
  assert.equal(ordered.body.outcome, 'opened')
  assert.equal(again.body.outcome, 'extended')
  assert.equal(one.body.attack.id, attackId)
  assert.equal(one.body.customer, 'c1')
  assert.match(one.body.does, /destination-port =53 then rate 125000/)
  assert.equal(taken.body.outcome, 'withdrawn')
  assert.equal(twice.body.outcome, 'over')
  assert.deepEqual(idsOf(ended.body), [id])
  assert.equal(store.active().filter(isActive).length, 0)
})

test('an order that makes no sense, or that policy refuses, is told why', async t => {
  const { call } = await setUp(t)
  const order = { target: '203.0.113.5', action: 'discard', ttlSeconds: 60, reason: 'x' }

  const foreign = await call('POST', '/mitigations', { ...order, target: '8.8.8.8' })
  const noRate = await call('POST', '/mitigations', { ...order, action: 'rate-limit' })
  const noPorts = await call('POST', '/mitigations', { ...order, ports: [80] })
  const notTheirs = await call('POST', '/mitigations', order, OF_C2)
  const unknown = await call('POST', '/mitigations/none-1.0/withdraw', {})

  assert.deepEqual([foreign.status, foreign.body.code], [422, 'outside-networks'])
  assert.deepEqual(noRate.body.errors, [{ at: 'bitsPerSecond', problem: 'expected a rate' }])
  assert.equal(noPorts.body.errors[0].at, 'protocol')
  assert.equal(notTheirs.body.code, 'outside-networks')
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'unknown-mitigation'])
})

test('live and past ones are one list, newest first, page by page, and filtered', async t => {
  const { call, intake, desk, clock } = await setUp(t)
  for (const last of [1, 2, 3, 4, 5]) {
    clock.now += 1000
    await intake.events.receive(report(`203.0.113.${last}`))
  }
  await desk.settled()
  const all = await call('GET', '/mitigations')
  await call('POST', `/mitigations/${all.body.mitigations[1].id}/withdraw`, {})
  await desk.settled()

  const pages: string[] = []
  let cursor = ''
  do {
    const page = await call('GET', `/mitigations?limit=2${cursor}`)
    pages.push(...idsOf(page.body))
    cursor = page.body.nextCursor === undefined ? '' : `&cursor=${page.body.nextCursor}`
  } while (cursor !== '')
  const live = await call('GET', '/mitigations?state=live&action=filter&enforcer=dry-run&customer=c1')
  const within = await call('GET', '/mitigations?target=203.0.113.4/31')
  const one = await call('GET', `/mitigations?attack=${all.body.mitigations[0].attackId}`)
  const none = await call('GET', '/mitigations?customer=c2')
  const hidden = await call('GET', '/mitigations', undefined, OF_C2)
  const theirs = await call('GET', '/mitigations', undefined, OF_C1)
  const unknown = await call('GET', `/mitigations/${pages[0]}`, undefined, OF_C2)
  const wrong = await call('GET', '/mitigations?state=living')

  assert.deepEqual(pages, idsOf(all.body))
  assert.equal(pages.length, 5)
  assert.deepEqual(
    idsOf(live.body),
    [0, 2, 3, 4].map(at => pages[at]),
  )
  assert.deepEqual(within.body.mitigations.map(({ target }: { target: string }) => target).sort(), [
    '203.0.113.4',
    '203.0.113.5',
  ])
  assert.deepEqual(idsOf(one.body), [pages[0]])
  assert.deepEqual([none.body.mitigations, hidden.body.mitigations], [[], []])
  assert.deepEqual(idsOf(theirs.body), pages)
  assert.equal(unknown.status, 404)
  assert.equal(wrong.status, 400)
})

test('many are taken back and noted as seen at once, each answered for itself', async t => {
  const { call, intake, desk, store } = await setUp(t)
  for (const last of [1, 2, 3]) await intake.events.receive(report(`203.0.113.${last}`))
  await desk.settled()
  const ids = idsOf((await call('GET', '/mitigations')).body)

  const seen = await call('POST', '/mitigations/acknowledge', { ids: [ids[0], ids[0], 'none'] })
  const noted = await call('GET', '/mitigations?acknowledged=true')
  const unseen = await call('GET', '/mitigations?acknowledged=false')
  const foreign = await call('POST', '/mitigations/withdraw', { ids }, OF_C2)
  const taken = await call('POST', '/mitigations/withdraw', { ids: [...ids, ids[0]], reason: 'drill' })
  const tooMany = await call('POST', '/mitigations/withdraw', { ids: Array(1001).fill('a') })

  const outcomes = ({ results }: { results: { outcome: string }[] }) => results.map(each => each.outcome)
  assert.deepEqual(outcomes(seen.body), ['acknowledged', 'known', 'unknown'])
  assert.equal(noted.body.mitigations[0].acknowledged.by, 'user:root')
  assert.deepEqual(idsOf(noted.body), [ids[0]])
  assert.deepEqual(idsOf(unseen.body), ids.slice(1))
  assert.deepEqual(outcomes(foreign.body), ['unknown', 'unknown', 'unknown'])
  assert.equal(taken.body.done >= 3, true)
  assert.equal(tooMany.status, 400)
  await desk.settled()
  assert.equal(store.active().length, 0)
})

test('an order is looked at before it is made: what it matches, what refuses it, and how routers would have it', async t => {
  const { call, store } = await setUp(t)
  const order = {
    ...{ target: '203.0.113.5', protocol: 17, ports: [53, 123], action: 'rate-limit', bitsPerSecond: 1e6 },
    ttlSeconds: 300,
  }

  const seen = await call('POST', '/mitigations/preview', order)
  const foreign = await call('POST', '/mitigations/preview', { ...order, target: '8.8.8.8' })
  const notTheirs = await call('POST', '/mitigations/preview', order, OF_C2)

  const { rule, allowed, routers, words, traffic } = seen.body
  assert.equal(seen.status, 200)
  assert.match(rule, /^destination 203\.0\.113\.5\/32 protocol =udp destination-port =53,=123/)
  assert.deepEqual([allowed, traffic.packets.of], [true, 1000])
  const slx = routers.find((each: { router: string }) => each.router === 'slx')
  assert.equal(slx.fit, 'degraded')
  assert.match(slx.reasons[0], /rounded up/)
  assert.match(slx.rule, /rate 126500 bytes/)
  const junos = words.find((each: { format: string }) => each.format === 'junos')
  assert.match(junos.text, /flow route floodwarden-1 match protocol/)
  assert.deepEqual(
    [foreign.body.allowed, foreign.body.refusals[0].by, foreign.body.routers.length],
    [false, 'outside-networks', 6],
  )
  assert.deepEqual([notTheirs.status, notTheirs.body.code], [422, 'outside-networks'])
  assert.equal(store.active().length, 0)
})

test('many mitigations get another end, each by its own way', async t => {
  const { call, desk, intake, clock, store, rules } = await setUp(t)
  const order = { target: '203.0.113.5', protocol: 17, ports: [53], action: 'discard' }
  const ordered = await call('POST', '/mitigations', { ...order, ttlSeconds: 300, reason: 'x' })
  const rule = { target: '203.0.113.6', match: { protocol: '=udp' }, action: 'discard' }
  const made = await call('POST', '/rules', { ...rule, ttlSeconds: 300, reason: 'y' })
  await intake.events.receive(report('203.0.113.7'))
  await desk.settled()
  const idOf = (target: string) => store.active().find(each => each.target === target)?.id ?? ''
  const ids = ['203.0.113.5', '203.0.113.6', '203.0.113.7'].map(idOf)
  const isoIn = (seconds: number) => new Date(clock.now + seconds * 1000).toISOString()

  const done = await call('POST', '/mitigations/extend', {
    ...{ ids: [...ids, 'none-1.0'], ttlSeconds: 1200, reason: 'it goes on' },
  })
  const hidden = await call('POST', '/mitigations/extend', { ids: [ids[0]], ttlSeconds: 60 }, OF_C2)
  const tooLong = await call('POST', '/mitigations/extend', { ids, ttlSeconds: 31_000_000 })

  const outcomes = ({ body }: typeof done) => body.results.map(({ outcome }: { outcome: string }) => outcome)
  assert.deepEqual(outcomes(done), ['extended', 'extended', 'extended', 'unknown'])
  assert.equal(done.body.done, 3)
  for (const id of ids) assert.equal(new Date(store.get(id)!.expiresAt).toISOString(), isoIn(1200))
  assert.equal(rules.view(rules.get(made.body.rule.id)!).endsAt, isoIn(1200))
  assert.deepEqual(outcomes(hidden), ['unknown'])
  assert.deepEqual(outcomes(tooLong), ['failed', 'failed', 'failed'])
  const renewed = store.audit().find(({ what, target }) => what === 'renew' && target === '203.0.113.5')
  assert.equal(renewed?.reason, 'it goes on')
  await call('POST', `/mitigations/${ids[0]}/withdraw`, {})
  await desk.settled()
  const late = await call('POST', '/mitigations/extend', { ids: [ids[0]], ttlSeconds: 60 })
  assert.deepEqual(outcomes(late), ['over'])
  assert.equal(ordered.status, 201)
})
