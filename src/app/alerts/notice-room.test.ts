// Attacks told to destinations of the configuration, from the witness to a server that hears them.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type TestContext, test } from 'node:test'
import type { EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import type { Decision } from '#6-policy/decide.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { PREVIEW_EVENTS } from '#api/contract/notify.ts'
import { DocumentShelf } from '#lib/documents.ts'
import type { Logger } from '#lib/log/logger.ts'
import { MetricRegistry } from '#lib/metrics/registry.ts'
import { notifySchema } from '#notify/config.ts'
import { NOTICE_KINDS } from '#notify/notice/notice.ts'
import { until } from '../../../test/until.ts'
import { NotifyDesk } from './notify-desk.ts'
import { NotifyRoom } from './notify-room.ts'

const SECRET = 'qqSECRETqq'
const DECISION: Decision = { kind: 'act', actions: [], reasons: ['a playbook answers'] }
const BY = { uid: 0, pid: 1 }

interface Heard {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

async function server(
  t: TestContext,
  answer: (path: string) => readonly [number, Record<string, string>?] = () => [200],
) {
  const heard: Heard[] = []
  const listener = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request)).toString()
    const path = request.url ?? ''
    heard.push({ path, headers: request.headers, body: JSON.parse(text) })
    const [status, headers = {}] = answer(path)
    response.writeHead(status, headers).end('{}')
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const address = listener.address()
  return { heard, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` }
}

function roomWith(
  t: TestContext,
  notify: object,
  more: { documents?: DocumentShelf; environment?: Record<string, string>; allow?: string[] } = {},
) {
  const { documents = new DocumentShelf(), environment = {}, allow = ['127.0.0.1'] } = more
  const logged: string[] = []
  const write = (...told: unknown[]) => logged.push(JSON.stringify(told))
  const log = { debug: write, info: write, warn: write, error: write } as unknown as Logger
  const settings = (tree: object) => ({
    ...{ networks: ['192.0.2.0/24'], outgoing: { allow, plainHttp: true, timeoutSeconds: 2 } },
    notify: notifySchema.parse({ grouping: { waitSeconds: 0.05, updateSeconds: 1 }, ...tree }),
  })
  let config = settings(notify)
  const store = new MitigationLedger({})
  const room = new NotifyRoom({
    ...{ state: { documents }, desk: { decisionContext: {} }, log, config: () => config, environment },
    store: { ofAttack: () => [] },
  })
  t.after(() => room.stop())
  const desk = new NotifyDesk({ room, config: () => config, store, now: Date.now })
  const reload = (tree: object) => {
    config = settings(tree)
    room.follow()
  }
  return { room, desk, documents, logged, reload, store }
}

const attack = (at: number): OpenAttack =>
  exampleAttack({
    id: `a-${at}`,
    host: `192.0.2.${at}`,
    prefixes: [`192.0.2.${at}/32`],
    openedAt: Date.now(),
  })
const overOf = (open: OpenAttack): EndedAttack => {
  const { isOver: _over, speed: _speed, lastOverAt: _last, ...facts } = open
  return { ...facts, state: 'ended', endedAt: Date.now(), endedBy: 'finished' }
}

test('a carpet is one message, updates and one end; routes and events say who is told', async t => {
  const { heard, url } = await server(t)
  const { room } = roomWith(
    t,
    {
      destinations: {
        all: { type: 'generic', url: { env: 'ALL' }, secret: { env: 'KEY' } },
        ends: { type: 'generic', url: { env: 'ENDS' }, events: ['ended'] },
        nobody: { type: 'generic', url: { env: 'ALL' } },
      },
      routes: [{ severity: 'medium', to: ['all', 'ends'] }],
      consoleUrl: 'https://guard.example.net/',
    },
    { environment: { ALL: `${url}/all`, ENDS: `${url}/ends`, KEY: 'k' } },
  )
  const attacks = Array.from({ length: 200 }, (_, at) => attack(at))
  for (const one of attacks) room.opened(one, DECISION)
  await until(() => heard.length === 1)
  for (const one of attacks) room.ended(overOf(one))
  await until(() => heard.length === 3)

  assert.deepEqual(
    heard
      .map(({ path, body }) => [path, body['kind'], body['attacks'], body['openAttacks'], body['around']])
      .sort(),
    [
      ['/all', 'ended', 200, 0, '192.0.2.0/24'],
      ['/all', 'opened', 200, 200, '192.0.2.0/24'],
      ['/ends', 'ended', 200, 0, '192.0.2.0/24'],
    ],
  )
  assert.equal(heard[0]?.body['link'], 'https://guard.example.net/attacks/a-0')
  assert.ok(heard[0]?.headers['webhook-signature']?.toString().startsWith('v1,'))
})

test('an end goes to all who were told of the beginning, whatever routes say by then', async t => {
  const { heard, url } = await server(t)
  const { room } = roomWith(
    t,
    {
      destinations: {
        chat: { type: 'generic', url: { env: 'CHAT' } },
        pager: { type: 'generic', url: { env: 'PAGER' } },
      },
      routes: [
        { severity: 'critical', to: ['pager'] },
        { events: ['opened'], to: ['chat'] },
      ],
    },
    { environment: { CHAT: `${url}/chat`, PAGER: `${url}/pager` } },
  )
  const crossing = { ...exampleAttack().crossing, value: 1e6 } as OpenAttack['crossing']
  const [mild, severe] = [attack(1), { ...attack(2), crossing }]
  room.opened(mild, DECISION)
  await until(() => heard.length === 1)
  room.opened(severe, DECISION)
  await until(() => heard.length === 2)
  for (const one of [mild, severe]) room.ended(overOf(one))
  await until(() => heard.length === 4)

  assert.deepEqual(heard.map(({ path, body }) => `${path} ${body['kind']} ${body['severity']}`).sort(), [
    '/chat ended critical',
    '/chat opened medium',
    '/pager ended critical',
    '/pager escalated critical',
  ])
})

test('templates make the words; a reload changes them', async t => {
  const { heard, url } = await server(t)
  const tree = (title: string) => ({
    destinations: { a: { type: 'generic', url: { env: 'A' }, template: 'mine' } },
    templates: { mine: { title } },
  })
  const { room, reload } = roomWith(t, tree('{{severity | upper}} {{target}} {{bitsPerSecond | bits}}'), {
    environment: { A: url },
  })
  room.opened(attack(7), DECISION)
  await until(() => heard.length === 1)
  reload(tree('{{title}}!'))
  room.ended(overOf(attack(7)))
  await until(() => heard.length === 2)

  assert.deepEqual(
    heard.map(({ body }) => body['title']),
    ['MEDIUM 192.0.2.7 64 Mbit/s', 'Attack on 192.0.2.7 is over!'],
  )
})

test('what waits is sent after a restart, and so is the end of what the earlier run told', async t => {
  const { heard, url } = await server(t)
  const tree = { destinations: { a: { type: 'generic', url: { env: 'A' } } } }
  const down = roomWith(t, tree, { environment: { A: 'http://127.0.0.1:1/' } })
  down.room.opened(attack(7), DECISION)
  await until(() => down.documents.all('notice-group').size === 1)
  down.room.stop()

  const up = roomWith(t, tree, { environment: { A: url }, documents: down.documents })
  up.room.adopt([attack(7)])
  up.room.ended(overOf(attack(7)))
  await until(() => heard.length === 2)

  assert.deepEqual(
    heard.map(({ body }) => body['kind']),
    ['opened', 'ended'],
  )
  assert.equal(heard[0]?.body['group'], heard[1]?.body['group'])
})

test('what points inside or is led away is refused, kept, shown and sent again when that is mended', async t => {
  let isMended = false
  const { heard, url } = await server(t, path =>
    path === '/away' && !isMended ? [302, { location: 'http://127.0.0.1/admin' }] : [200],
  )
  const { room, desk, reload } = roomWith(
    t,
    {
      destinations: {
        inside: { type: 'generic', url: { env: 'INSIDE' } },
        away: { type: 'generic', url: { env: 'AWAY' } },
      },
    },
    { environment: { INSIDE: 'https://169.254.169.254/latest/', AWAY: `${url}/away` } },
  )
  room.opened(attack(7), DECISION)
  await until(() => desk.view().deadLetters === 2)

  const { deadLetters } = desk.deadLetters({ limit: 10 })
  assert.deepEqual(deadLetters.map(({ destination, why, error }) => [destination, why, error]).sort(), [
    ['away', 'refused', 'HTTP 302: redirects are not followed'],
    [
      'inside',
      'refused',
      '169.254.169.254 is no address of the Internet; list it under outgoing.allow if it is to be reached',
    ],
  ])
  assert.deepEqual(
    heard.map(({ path }) => path),
    ['/away'],
  )
  isMended = true
  const resent = await desk.resend({ destination: 'away' }, BY)
  await until(() => heard.length === 2)
  assert.deepEqual(resent, { kind: 'done', value: { done: 1, homeless: 0 } })
  assert.deepEqual(await desk.resend({ ids: ['none'] }, BY), {
    ...{ kind: 'refused', code: 'unknown-dead-letter', detail: 'none' },
  })
  reload({ destinations: {} })
  assert.equal((await desk.discard({ all: true }, BY)).kind, 'done')
  assert.equal(desk.view().deadLetters, 0)
})

test('no secret of any destination is in a log, an answer, a metric, the audit or the state', async t => {
  const url = `https://127.0.0.2:1/${SECRET}`
  const env = { env: 'SECRET' }
  const hook = { env: 'URL' }
  const { room, desk, documents, logged, store } = roomWith(
    t,
    {
      destinations: {
        slack: { type: 'slack', url: hook },
        bot: { type: 'slack', botToken: env, channel: '#noc', apiUrl: 'https://127.0.0.2:1' },
        discord: { type: 'discord', url: hook },
        teams: { type: 'teams', url: hook },
        telegram: { type: 'telegram', botToken: env, chatId: '1', apiUrl: 'https://127.0.0.2:1' },
        pagerduty: { type: 'pagerduty', routingKey: env, apiUrl: 'https://127.0.0.2:1' },
        opsgenie: { type: 'opsgenie', apiKey: env, apiUrl: 'https://127.0.0.2:1' },
        generic: { type: 'generic', url: hook, secret: env, headers: { Authorization: env } },
        alertmanager: { type: 'alertmanager', url: hook, headers: { Authorization: env } },
        email: { type: 'email', to: ['noc@example.net'] },
        syslog: { type: 'syslog', server: '127.0.0.1:1', transport: 'tcp' },
        unread: { type: 'generic', url: { env: 'NOT_THERE' }, secret: env },
      },
      email: { server: '127.0.0.1:1', user: SECRET, passwordFile: '/nonexistent' },
    },
    { environment: { SECRET, URL: url }, allow: ['127.0.0.2'] },
  )
  const registry = new MetricRegistry()
  room.addMetrics(registry)
  const views: unknown[] = []
  const look = async () => {
    views.push(desk.view(), desk.deadLetters({ limit: 100 }), [...registry.read()], store.audit())
    views.push(...documents.every(), logged)
  }
  room.opened(attack(7), DECISION)
  views.push(await desk.test({}, BY))
  for (const { id } of desk.view().destinations)
    views.push(await desk.preview({ destination: id, event: 'opened' }))
  await until(() => desk.view().destinations.every(({ state }) => state === 'failing'))
  await look()

  const all = JSON.stringify(views)
  assert.ok(all.length > 10_000)
  assert.doesNotMatch(all, new RegExp(SECRET))
  assert.deepEqual(
    desk
      .view()
      .destinations.map(({ id, lastError = '' }) => `${id} ${lastError.replace(/ E\w+$/, ' E')}`)
      .sort(),
    [
      'alertmanager 127.0.0.2: E',
      'bot 127.0.0.2: E',
      'discord 127.0.0.2: E',
      "email ENOENT: no such file or directory, open '/nonexistent'",
      'generic 127.0.0.2: E',
      'opsgenie 127.0.0.2: E',
      'pagerduty 127.0.0.2: E',
      'slack 127.0.0.2: E',
      'syslog 127.0.0.1:1: E',
      'teams 127.0.0.2: E',
      'telegram 127.0.0.2: E',
      'unread url: the environment variable NOT_THERE is not set',
    ],
  )
  assert.match(room.failing.join(), /syslog takes no notifications: 127\.0\.0\.1:1: E\w+; 1 message waits/)
  assert.match(
    desk.view().problems.join(),
    /notify\.destinations\.unread is told nothing: url: the environment variable/,
  )
})

test('a test goes to one or all at once, is held to a pace, and stands in the audit', async t => {
  const { heard, url } = await server(t, path => (path === '/bad' ? [403] : [200]))
  const { desk, store } = roomWith(
    t,
    {
      destinations: {
        good: { type: 'generic', url: { env: 'GOOD' }, events: ['ended'] },
        bad: { type: 'generic', url: { env: 'BAD' } },
      },
    },
    { environment: { GOOD: `${url}/good`, BAD: `${url}/bad` } },
  )

  const all = await desk.test({}, BY)
  const one = await desk.test({ destination: 'good' }, BY)
  const none = await desk.test({ destination: 'other' }, BY)
  let last = one
  for (let at = 0; at < 30 && last.kind === 'done'; at++) last = await desk.test({ destination: 'good' }, BY)

  assert.deepEqual(
    all.kind === 'done' &&
      all.value.results.map(({ destination, outcome, error }) => [destination, outcome, error]),
    [
      ['good', 'taken', undefined],
      ['bad', 'failed', 'HTTP 403'],
    ],
  )
  assert.equal(heard[0]?.body['kind'], 'test')
  assert.deepEqual(
    [none.kind === 'refused' && none.code, last.kind === 'refused' && last.code],
    ['unknown-destination', 'rate-limited'],
  )
  assert.match(store.audit()[0]?.reason ?? '', /^test message: 1 taken, 1 failed$/)
})

test('a preview shows what would be sent and to whom, of an open attack too, and what is wrong in a template', async t => {
  const { room, desk } = roomWith(t, {
    destinations: {
      pager: { type: 'pagerduty', routingKey: { env: 'NONE' } },
      siem: { type: 'syslog', server: '127.0.0.1:514' },
      mail: { type: 'email', to: ['noc@example.net'] },
      am: { type: 'alertmanager', url: { env: 'NONE' } },
    },
    routes: [{ severity: 'critical', to: ['pager'] }, { to: ['siem'] }],
  })
  room.opened(attack(7), DECISION)
  const shown = async (destination?: string, more: object = {}) => {
    const done = await desk.preview({ ...(destination && { destination }), event: 'opened', ...more })
    assert.ok(done.kind === 'done', JSON.stringify(done))
    return done.value
  }

  assert.equal(JSON.parse((await shown('pager')).body).routing_key, '***')
  assert.match((await shown('siem')).body, /^<\d+>1 .* opened \[floodwarden@32473 /)
  assert.match((await shown('mail')).body, /^Subject: Floodwarden: Attack on 192\.0\.2\.1\n/)
  assert.equal(JSON.parse((await shown('am')).body)[0].labels.alertname, 'FloodwardenAttack')
  assert.deepEqual((await shown()).to, ['siem'])
  assert.match((await shown(undefined, { attack: 'a-7', title: '{{target}}?' })).title, /^192\.0\.2\.7\?$/)
  const wrong = await desk.preview({ event: 'opened', text: 'a\n{{b}}' })
  assert.match(wrong.kind === 'refused' ? wrong.detail : '', /^text: line 2, column 1: there is no b;/)
  const unknown = await desk.preview({ event: 'opened', attack: 'a-8' })
  assert.equal(unknown.kind === 'refused' && unknown.code, 'unknown-attack')
})

test('whatever can be told can be asked for beforehand, by the same word', () => {
  assert.deepEqual(PREVIEW_EVENTS, NOTICE_KINDS)
})
