import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { type Announcement, type Change, routeAnnouncement } from '#7-mitigation/announcement.ts'
import type { Outcome } from '#7-mitigation/enforcer.ts'
import { SILENT } from '#lib/log/logger.ts'
import { until } from '../../../test/until.ts'
import { AnnouncementKeeper, type KeeperOptions, type Sent } from './announcement-keeper.ts'
import { routeMitigation, ruleMitigation } from './mitigation-for-tests.ts'

const DOWN: Sent = { kind: 'down', error: 'nobody is there', forgets: true }

/** A router that takes everything, until it is told not to. */
class Router {
  readonly routes = new Map<string, string>()
  readonly said: string[] = []
  answer: (change: Change) => Sent = () => ({ kind: 'sent' })

  async send(changes: readonly Change[]): Promise<readonly Sent[]> {
    await sleep(0)
    return changes.map(change => {
      const sent = this.answer(change)
      if (sent.kind === 'sent') this.#take(change)
      return sent
    })
  }

  #take({ kind, announcement: { key, says } }: Change): void {
    this.said.push(`${kind} ${key}`)
    if (kind === 'announce') this.routes.set(key, says)
    else this.routes.delete(key)
  }
}

function keeping(router: Router, options: Partial<KeeperOptions> = {}): AnnouncementKeeper {
  const problems = ({ key }: Announcement) => (key.includes('port') ? ['it has no ports'] : [])
  const sink = { name: 'router', problems, send: (changes: readonly Change[]) => router.send(changes) }
  const pauseMs = { first: 1, last: 4 }
  return new AnnouncementKeeper({ sink, log: SILENT, deadlineMs: 60_000, batchMax: 8, pauseMs, ...options })
}

const HOST = '192.0.2.1/32'
const NETWORK = '192.0.2.0/24'
const at = (id: string, prefix: string, community = '65001:666') =>
  routeMitigation(id, prefix, 'gobgp', { communities: [community] })
const route = (prefix: string) =>
  routeAnnouncement({ prefix, nextHop: '192.0.2.66', communities: ['65001:666'] })
const RULE = 'destination 192.0.2.1/32 protocol =udp'
const ruleAt = (id: string, actions = 'discard', match = RULE) =>
  ruleMitigation(id, `${match} then ${actions}`, 'gobgp')
/** A mitigation of this key, with one or the other attributes. */
const of = (id: string, key: string, isFirst: boolean) =>
  key === RULE ? ruleAt(id, isFirst ? 'discard' : 'rate 1000 bytes/s') : at(id, key, isFirst ? '1:1' : '2:2')

test('what is announced is there, in the order in which it was asked, and withdrawn when it is let go', async () => {
  const router = new Router()
  const keeper = keeping(router)

  const outcomes = await Promise.all([keeper.announce(at('a.0', NETWORK)), keeper.announce(at('a.1', HOST))])
  assert.deepEqual(outcomes, [{ kind: 'done' }, { kind: 'done' }])
  assert.deepEqual([...router.routes.keys()], [NETWORK, HOST])

  await Promise.all([keeper.withdraw(at('a.0', NETWORK)), keeper.withdraw(at('a.1', HOST))])
  assert.equal(router.routes.size, 0)
  assert.equal(keeper.told.size, 0)
  await keeper.stop(50)
})

test('a network that two bans want is withdrawn with the last of them, and the first is answered all the same', async () => {
  const router = new Router()
  const keeper = keeping(router)
  await keeper.announce(at('a', NETWORK))
  await keeper.announce(at('b', NETWORK))

  assert.deepEqual(await keeper.withdraw(at('a', NETWORK)), { kind: 'done' })
  assert.deepEqual([...router.routes.keys()], [NETWORK])
  assert.deepEqual(await keeper.withdraw(at('b', NETWORK)), { kind: 'done' })
  assert.equal(router.routes.size, 0)
  await keeper.stop(50)
})

test('a rule that two bans want stays until the last has ended, with the actions that were asked for last', async () => {
  const router = new Router()
  const keeper = keeping(router)
  await keeper.announce(ruleAt('a'))
  await keeper.announce(ruleAt('b', 'rate 1000 bytes/s'))
  assert.deepEqual([...router.routes], [[RULE, 'rate 1000 bytes/s']])

  await keeper.withdraw(ruleAt('b', 'rate 1000 bytes/s'))
  assert.deepEqual([...router.routes], [[RULE, 'discard']])
  await keeper.withdraw(ruleAt('a'))
  assert.equal(router.routes.size, 0)
  await keeper.stop(50)
})

test('what the daemon cannot be told is refused with the reason, held by nobody, and done when it is taken back', async () => {
  const router = new Router()
  const keeper = keeping(router)
  const ported = ruleAt('a', 'discard', `${RULE} destination-port =53`)
  const unreadable = ruleMitigation('b', 'destination nowhere then discard', 'gobgp')

  const outcomes = [await keeper.announce(ported), await keeper.announce(unreadable)]
  keeper.adopt([ported, unreadable])

  assert.deepEqual(outcomes[0], {
    kind: 'refused',
    error: `${RULE} destination-port =53 is not announced: it has no ports`,
  })
  assert.match(outcomes[1]?.kind === 'refused' ? outcomes[1].error : '', /nowhere/)
  assert.deepEqual(await keeper.withdraw(ported), { kind: 'done' })
  assert.deepEqual([keeper.desired.size, keeper.told.size, router.said, keeper.counts.unsafe], [0, 0, [], 4])
  await keeper.stop(50)
})

test('what nobody wants is taken back when it is found, but not when somebody wants it by then', async () => {
  const router = new Router()
  const keeper = keeping(router)
  const left = [route(HOST), route(NETWORK)]
  for (const { key, says } of left) router.routes.set(key, says)

  keeper.takeBack(left)
  await keeper.announce(at('a', NETWORK))

  assert.deepEqual([...router.routes.keys()], [NETWORK])
  assert.deepEqual(router.said, [`withdraw ${HOST}`, `announce ${NETWORK}`])
  await keeper.stop(50)
})

test('when nobody is there the answer comes at the deadline, and the news when somebody is', async () => {
  const router = new Router()
  router.answer = () => DOWN
  const keeper = keeping(router, { deadlineMs: 20 })
  const news: [string, Outcome][] = []
  keeper.listen((...told) => news.push(told))

  assert.deepEqual(await keeper.announce(at('a', HOST)), {
    kind: 'failed',
    error: 'nobody is there; it is tried on',
  })
  assert.ok(keeper.isDown)
  assert.deepEqual(news, [])

  router.answer = () => ({ kind: 'sent' })
  await until(() => news.length > 0)
  assert.deepEqual(news, [['a', { kind: 'done' }]])
  assert.deepEqual([...router.routes.keys()], [HOST])
  await keeper.stop(50)
})

test('what was wanted and let go while nobody was there is never announced', async () => {
  const router = new Router()
  router.answer = () => DOWN
  const keeper = keeping(router)
  const announced = keeper.announce(at('a', HOST))
  const withdrawn = keeper.withdraw(at('a', HOST))

  router.answer = () => ({ kind: 'sent' })
  assert.deepEqual(await withdrawn, { kind: 'done' })
  assert.equal((await announced).kind, 'failed')
  assert.deepEqual(router.said, [`withdraw ${HOST}`])
  await keeper.stop(50)
})

test('a daemon that forgot everything is told all of it, and takes back what was let go meanwhile', async () => {
  const router = new Router()
  const keeper = keeping(router)
  for (const [id, prefix] of [
    ['a', HOST],
    ['b', NETWORK],
    ['c', '2001:db8::1/128'],
  ] as const) {
    await keeper.announce(at(id, prefix))
  }
  router.routes.clear()
  router.answer = () => DOWN
  keeper.forget()
  const withdrawn = keeper.withdraw(at('b', NETWORK))
  await sleep(5)

  router.answer = () => ({ kind: 'sent' })
  await withdrawn
  await until(() => router.routes.size === 2)
  assert.deepEqual([...router.routes.keys()].sort(), [HOST, '2001:db8::1/128'].sort())
  assert.equal(keeper.counts.losses, 1)
  await keeper.stop(50)
})

test('a route that is refused fails alone and rests until refused ones are tried again', async () => {
  const router = new Router()
  router.answer = ({ announcement }) =>
    announcement.key === HOST ? { kind: 'refused', error: 'no' } : { kind: 'sent' }
  const keeper = keeping(router)

  const outcomes = await Promise.all([keeper.announce(at('a', HOST)), keeper.announce(at('b', NETWORK))])
  assert.deepEqual(outcomes, [{ kind: 'failed', error: 'no' }, { kind: 'done' }])
  await until(() => keeper.waiting === 1)

  router.answer = () => ({ kind: 'sent' })
  keeper.retryRefused()
  await until(() => router.routes.has(HOST))
  await keeper.stop(50)
})

test('a withdrawal has no deadline: until it is done the route may be held; the end of the daemon fails it', async () => {
  const router = new Router()
  const keeper = keeping(router, { deadlineMs: 20 })
  await keeper.announce(at('a', HOST))
  router.answer = () => DOWN

  const withdrawn = keeper.withdraw(at('a', HOST))
  const first = await Promise.race([withdrawn, sleep(40, 'waits')])
  assert.equal(first, 'waits')
  await keeper.stop(10)
  assert.deepEqual(await withdrawn, { kind: 'failed', error: 'the daemon stops' })
})

test('what is under way when the daemon stops is answered too', async () => {
  const router = new Router()
  const keeper = keeping(router, { deadlineMs: 10_000 })
  router.answer = () => DOWN
  const announced = keeper.announce(at('a', HOST))
  await Promise.resolve()
  await keeper.stop(0)

  assert.deepEqual(await announced, { kind: 'failed', error: 'the daemon stops' })
})

test('beyond the bound a new prefix is refused and counted, one that is announced already is not', async () => {
  const keeper = keeping(new Router(), { announcementsMax: 1 })
  await keeper.announce(at('a', HOST))

  assert.equal((await keeper.announce(at('b', NETWORK))).kind, 'failed')
  assert.deepEqual(await keeper.announce(at('c', HOST)), { kind: 'done' })
  assert.equal(keeper.counts.full, 1)
  await keeper.stop(50)
})

test('whatever happens, a router that is there in the end holds exactly what is wanted', async () => {
  const key = fc.constantFrom(HOST, NETWORK, '2001:db8::/48', RULE)
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('hold' as const),
      id: fc.constantFrom('a', 'b', 'c'),
      key,
      isFirst: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('release' as const), id: fc.constantFrom('a', 'b', 'c'), key }),
    fc.constant({ kind: 'crash' as const }),
    fc.constant({ kind: 'return' as const }),
    fc.constant({ kind: 'wait' as const }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const router = new Router()
      const keeper = keeping(router)
      for (const told of steps) {
        if (told.kind === 'hold') void keeper.announce(of(told.id, told.key, told.isFirst))
        else if (told.kind === 'release') void keeper.withdraw(of(told.id, told.key, true))
        else if (told.kind === 'wait') await sleep(0)
        else if (told.kind === 'return') router.answer = () => ({ kind: 'sent' })
        else {
          router.answer = () => DOWN
          router.routes.clear()
          keeper.forget()
        }
      }
      router.answer = () => ({ kind: 'sent' })
      assert.ok(await keeper.settled(30_000))

      const wanted = [...keeper.desired.keys()].map(key => [key, keeper.desired.get(key)?.says])
      assert.deepEqual([...router.routes].sort(), wanted.sort())
      assert.deepEqual([...keeper.told.keys()].sort(), wanted.map(([text]) => text).sort())
      await keeper.stop(10)
    }),
    { numRuns: 30 },
  )
})
