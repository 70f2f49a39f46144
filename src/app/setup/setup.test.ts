import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { accessForTests, bearer, PASSWORD } from '#api/access/access-for-tests.ts'
import type { AccessConfig } from '#api/access/config.ts'
import { apiSchema } from '#api/config.ts'
import { EXAMPLE_RELOAD } from '#api/contract/examples.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
import { ConfigPlace } from './config-place.ts'
import { FirstConfiguration } from './first-configuration.ts'
import { SetupRoom } from './setup-room.ts'

interface Changes {
  readonly text?: string
  readonly name?: string
  readonly access?: Partial<AccessConfig>
  readonly hasTerminal?: boolean
}

function setUp(
  t: TestContext,
  { text, name = 'given.yaml', access = {}, hasTerminal = false }: Changes = {},
) {
  const state = temporaryFolder(t)
  const given = join(state, name)
  if (text !== undefined) writeFileSync(given, text)
  const place = new ConfigPlace(text === undefined ? undefined : given, state, {})
  const loaded = loadConfig(place.loading)
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded))
  const said: unknown[] = []
  const shown: string[] = []
  const say = (...line: unknown[]) => void said.push(line)
  const store = new MitigationLedger()
  const reloads: (string | undefined)[] = []
  const room = new SetupRoom({
    stateDirectory: state,
    configuration: new FirstConfiguration({
      ...{ place, store, config: () => loaded.config, now: () => 1000 },
      reload: async () => {
        reloads.push(place.file)
        return { kind: 'done', value: EXAMPLE_RELOAD }
      },
    }),
    api: () => ({ ...apiSchema.parse({ access }), listen: '127.0.0.1:8080' }),
    terminal: hasTerminal ? line => void shown.push(line) : undefined,
    log: { debug: say, info: say, warn: say, error: say },
  })
  t.after(() => room.stop())
  const made = accessForTests(access, { resources: { setup: room } })
  const file = join(state, 'setup-link')
  const use = (token: string, more: object = {}) =>
    made.server.inject({
      ...{
        method: 'POST',
        url: '/api/v1/setup',
        payload: { token, name: 'ann', password: PASSWORD, ...more },
      },
    })
  const configure = async (payload: object) => {
    const headers = bearer(await made.token('admin'))
    return await made.server.inject({ method: 'PUT', url: '/api/v1/setup/configuration', headers, payload })
  }
  const secret = () => readFileSync(file, 'utf8').trim().split('#')[1] ?? ''
  return {
    ...made,
    ...{ state, given, place, room, said, shown, reloads, store, file, use, configure, secret },
  }
}

test('without a terminal the link lies in a file of its owner alone, whose name is logged and nothing else', async t => {
  const { room, file, said, secret, server } = setUp(t)

  room.offer(false)
  const told = await server.inject('/api/v1/setup')

  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match(readFileSync(file, 'utf8'), /^http:\/\/127\.0\.0\.1:8080\/first-run#[\w-]{43}\n$/)
  assert.ok(JSON.stringify(said).includes(file))
  assert.ok(!JSON.stringify(said).includes(secret()))
  assert.deepEqual(told.json(), { isOpen: true })
})

test('on a terminal it is shown there, and lies nowhere', t => {
  const { room, file, said, shown } = setUp(t, { hasTerminal: true })

  room.offer(false)

  assert.equal(shown.length, 1)
  assert.match(shown[0] ?? '', /http:\/\/127\.0\.0\.1:8080\/first-run#/)
  assert.deepEqual([existsSync(file), said], [false, []])
})

test('the link makes the first admin with a session, once', async t => {
  const { room, file, use, secret, desk, audit, server } = setUp(t)
  room.offer(desk.users.hasAdmin)
  const link = secret()

  const weak = await use(link, { password: 'short' })
  const wrong = await use('x'.repeat(43))
  const [first, second] = await Promise.all([use(link), use(link, { name: 'eve' })])
  const cookie = String(first.headers['set-cookie']).split(';')[0] ?? ''
  const me = await server.inject({ url: '/api/v1/session', headers: { cookie } })

  assert.deepEqual([weak.statusCode, wrong.statusCode, wrong.json().code], [400, 403, 'setup-over'])
  assert.deepEqual([first.statusCode, second.statusCode], [201, 403])
  assert.deepEqual([me.json().name, me.json().role], ['ann', 'admin'])
  assert.equal(me.json().csrfToken, first.json().csrfToken)
  assert.deepEqual([existsSync(file), room.isOpen, desk.users.hasAdmin], [false, false, true])
  assert.ok(audit.some(({ what, target }) => what === 'add-user' && target === 'ann'))
  assert.ok(!JSON.stringify(audit).includes(link))
})

test('a name that cannot be taken leaves the link as it was', async t => {
  const { room, use, secret, user } = setUp(t)
  await user('bob', 'viewer')
  room.offer(false)

  const taken = await use(secret(), { name: 'bob' })
  const next = await use(secret())

  assert.deepEqual([taken.statusCode, next.statusCode], [409, 201])
})

test('an admin who was added meanwhile ends the link', async t => {
  const { room, use, secret, user, server } = setUp(t)
  room.offer(false)
  const link = secret()
  await user('bob', 'admin')

  const late = await use(link)
  const told = await server.inject('/api/v1/setup')

  assert.deepEqual([late.statusCode, late.json().code, told.json()], [403, 'setup-over', { isOpen: false }])
})

test('no link is made where there is an admin, or nobody logs in', t => {
  const withAdmin = setUp(t)
  const open = setUp(t, { access: { mode: 'none' } })

  withAdmin.room.offer(true)
  open.room.offer(false)

  assert.deepEqual(
    [existsSync(withAdmin.file), existsSync(open.file), open.room.isOpen],
    [false, false, false],
  )
})

test('a new start makes another link, and a stop takes it away', t => {
  const { room, file, secret } = setUp(t)
  room.offer(false)
  const first = secret()

  room.offer(false)
  const second = secret()
  room.stop()

  assert.notEqual(first, second)
  assert.equal(existsSync(file), false)
})

test('what is watched is written into the file that is there, with its comments, and reloaded', async t => {
  const { configure, given, reloads, store } = setUp(t, {
    text: '# ours\nnetworks: [10.0.0.0/8] # old\ndetection:\n  banSeconds: 60\n',
  })

  const answer = await configure({
    networks: ['192.0.2.0/24', '2001:db8::/32'],
    telemetry: ['0.0.0.0:6343'],
    thresholds: { packetsPerSecond: 40_000 },
  })

  assert.equal(answer.statusCode, 200, answer.body)
  const loaded = loadConfig({ file: given })
  assert.ok(loaded.kind === 'ok')
  assert.deepEqual(loaded.config.networks, ['192.0.2.0/24', '2001:db8::/32'])
  assert.deepEqual(loaded.config.telemetry.listen, ['0.0.0.0:6343'])
  assert.deepEqual(loaded.config.detection.thresholds.incoming, { packetsPerSecond: 40_000 })
  assert.equal(loaded.config.detection.banSeconds, 60)
  assert.match(readFileSync(given, 'utf8'), /^# ours\n/)
  assert.deepEqual(reloads, [given])
  assert.match(answer.json().backup, /\.bak$/)
  assert.equal(store.audit().at(-1)?.what, 'configure')
})

test('limits of single protocols stay when those of all traffic are written', async t => {
  const { configure, given } = setUp(t, {
    text: 'detection:\n  thresholds:\n    incoming: { megabitsPerSecond: 900, udp: { packetsPerSecond: 7000 } } # ours\n',
  })

  const answer = await configure({ thresholds: { packetsPerSecond: 40_000 } })

  assert.equal(answer.statusCode, 200, answer.body)
  const loaded = loadConfig({ file: given })
  assert.ok(loaded.kind === 'ok')
  assert.deepEqual(loaded.config.detection.thresholds.incoming, {
    packetsPerSecond: 40_000,
    udp: { packetsPerSecond: 7000 },
  })
})

test('without a file one is made in the state, which is read from then on', async t => {
  const { configure, state, place, reloads, server, token } = setUp(t)
  const before = await server.inject({
    url: '/api/v1/setup/configuration',
    headers: bearer(await token('admin')),
  })

  const answer = await configure({ networks: ['192.0.2.0/24'] })

  const file = join(state, 'floodwarden.yaml')
  assert.deepEqual([before.json().areOwn, before.json().file], [true, file])
  assert.deepEqual([answer.statusCode, place.file, reloads], [200, file, [file]])
  assert.equal(new ConfigPlace(undefined, state, {}).file, file)
  assert.equal(statSync(file).mode & 0o007, 0)
})

test('what is wrong is refused with its place, and a file of another program is never written', async t => {
  const native = setUp(t, { text: 'networks: [10.0.0.0/8]\n' })
  const foreign = setUp(t, { name: 'fastnetmon.conf', text: 'enable_ban = off\n' })

  const wrong = await native.configure({ networks: ['nonsense'] })
  const odd = await native.configure({ interfaces: ['eth1'], telemetry: ['0.0.0.0:99999'] })
  const theirs = await foreign.configure({ networks: ['192.0.2.0/24'] })

  assert.deepEqual([wrong.statusCode, wrong.json().errors[0].at], [400, 'networks.0'])
  assert.deepEqual([odd.statusCode, odd.json().errors[0].at], [400, 'telemetry.0'])
  assert.deepEqual([theirs.statusCode, theirs.json().code], [409, 'config-not-written'])
  assert.match(theirs.json().detail, /--to-yaml/)
  assert.equal(readFileSync(native.given, 'utf8'), 'networks: [10.0.0.0/8]\n')
  assert.deepEqual(native.reloads, [])
})
