// What each service is sent, against servers that answer in the forms that the services document.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { allowanceOf, safeFetch } from '#lib/safe-fetch.ts'
import type { Notice } from '../notice/notice.ts'
import { notice } from '../notice/notices-for-tests.ts'
import { spokenOf } from '../notice/spoken.ts'
import { wordsFor } from '../notice/words.ts'
import { carryNotice } from './carry-notice.ts'
import type { NoticeService } from './notice-target.ts'

interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: a body of a test.
  readonly body: any
}
type Answered = readonly [status: number, body: unknown, headers?: Record<string, string>]

/** A server of a service, and one that is told notices of it. */
async function service(t: TestContext, answer: (heard: Heard, index: number) => Answered) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request)).toString()
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: JSON.parse(text) }
    const [status, body, more = {}] = answer(one, heard.push(one) - 1)
    response.writeHead(status, { 'content-type': 'application/json', ...more })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const rules = { allowance: allowanceOf(['127.0.0.1'], true), timeoutMs: 5000, answerBytesMax: 65_536 }
  const tell = (kind: Notice['kind'], to: NoticeService, thread?: string) => {
    const told = notice(kind)
    const spoken = spokenOf(told, wordsFor(told), 'https://guard.example.net/attacks/a-1')
    return carryNotice({ notice: told, spoken, thread, nowMs: 0 }, to, request => safeFetch(request, rules))
  }
  return { url, heard, tell }
}

test('Slack with a bot: a message, edits of it, answers in its thread, and what it says went wrong', async t => {
  const { url, heard, tell } = await service(t, ({ body }, index) =>
    index === 4
      ? [200, { ok: false, error: 'ratelimited' }]
      : index === 5
        ? [200, { ok: false, error: 'channel_not_found' }]
        : [200, { ok: true, channel: 'C024BE91L', ts: body.ts ?? '1503435956.000247', message: {} }],
  )
  const bot = { type: 'slack-bot', botToken: 'xoxb-secret', channel: '#noc', url } as const

  const posted = await tell('opened', bot)
  const thread = posted.kind === 'taken' ? posted.thread : undefined
  const edited = await tell('updated', bot, thread)
  const over = await tell('ended', bot, thread)
  const failures = [await tell('opened', bot), await tell('opened', bot)]

  assert.equal(thread, 'C024BE91L 1503435956.000247')
  assert.deepEqual([edited.kind, over.kind], ['taken', 'taken'])
  assert.deepEqual(
    heard.slice(0, 4).map(({ path, body }) => [path, body.channel, body.ts, body.thread_ts]),
    [
      ['/chat.postMessage', '#noc', undefined, undefined],
      ['/chat.update', 'C024BE91L', '1503435956.000247', undefined],
      ['/chat.postMessage', '#noc', undefined, '1503435956.000247'],
      ['/chat.update', 'C024BE91L', '1503435956.000247', undefined],
    ],
  )
  assert.equal(heard[0]?.headers['authorization'], 'Bearer xoxb-secret')
  assert.deepEqual(failures, [
    { kind: 'later', error: 'Slack says ratelimited' },
    { kind: 'refused', error: 'Slack says channel_not_found' },
  ])
  const [header, section, fields] = heard[0]?.body.blocks ?? []
  assert.deepEqual([header.type, header.text.type], ['header', 'plain_text'])
  assert.match(section.text.text, /^incoming dns-amplification: 40 k packets\/s, 64 Mbit\/s\. /)
  assert.ok(fields.fields.length <= 10)
  assert.match(JSON.stringify(fields), /Acme &lt;Ltd&gt; &amp; /)
})

test('Slack with an incoming webhook: each notice is a message', async t => {
  const { url, heard, tell } = await service(t, () => [200, 'ok'])
  const hook = { type: 'slack', url: `${url}/services/T0/B0/x`, channel: undefined } as const
  const all = [await tell('opened', hook), await tell('updated', hook), await tell('ended', hook)]

  assert.deepEqual(all, Array(3).fill({ kind: 'taken' }))
  assert.deepEqual(
    heard.map(({ body }) => body.blocks[0].text.text),
    [
      'Attack on 192.0.2.1 (Acme <Ltd> & "Co")',
      'Attack on 192.0.2.1 (Acme <Ltd> & "Co") goes on',
      'Attack on 192.0.2.1 (Acme <Ltd> & "Co") is over',
    ],
  )
})

test('Discord: a message that is edited; one that was deleted is written anew', async t => {
  const { url, heard, tell } = await service(t, ({ method }, index) =>
    method === 'PATCH' && index > 3
      ? [404, { message: 'Unknown Message', code: 10008 }]
      : [200, { id: '881' }],
  )
  const hook = { type: 'discord', url: `${url}/api/webhooks/1/token` } as const

  const posted = await tell('opened', hook)
  await tell('updated', hook, '881')
  await tell('escalated', hook, '881')
  const anew = await tell('updated', hook, '881')

  assert.deepEqual(posted, { kind: 'taken', thread: '881' })
  assert.deepEqual(
    heard.map(({ method, path }) => `${method} ${path}`),
    [
      'POST /api/webhooks/1/token?wait=true',
      'PATCH /api/webhooks/1/token/messages/881',
      'POST /api/webhooks/1/token?wait=true',
      'PATCH /api/webhooks/1/token/messages/881',
      'PATCH /api/webhooks/1/token/messages/881',
      'POST /api/webhooks/1/token?wait=true',
    ],
  )
  assert.deepEqual(anew, { kind: 'taken', thread: '881' })
  assert.deepEqual(heard[0]?.body.allowed_mentions, { parse: [] })
  assert.equal(heard[0]?.body.embeds[0].url, 'https://guard.example.net/attacks/a-1')
})

test('Telegram: a message, edits of it and answers to it; an edit that changes nothing is fine', async t => {
  const { url, heard, tell } = await service(t, ({ path }, index) =>
    path.endsWith('editMessageText') && index > 1
      ? [
          400,
          { ok: false, error_code: 400, description: 'Bad Request: message is not modified: specified new' },
        ]
      : [200, { ok: true, result: { message_id: 42, chat: { id: -100 } } }],
  )
  const bot = { type: 'telegram', botToken: '1:abc', chatId: '-100', url } as const

  const posted = await tell('opened', bot)
  await tell('updated', bot, '42')
  const same = await tell('updated', bot, '42')
  await tell('ended', bot, '42')

  assert.deepEqual(posted, { kind: 'taken', thread: '42' })
  assert.deepEqual(same, { kind: 'taken' })
  assert.deepEqual(
    heard.map(({ path, body }) => [
      path.split('/').at(-1),
      body.message_id,
      body.reply_parameters?.message_id,
    ]),
    [
      ['sendMessage', undefined, undefined],
      ['editMessageText', 42, undefined],
      ['editMessageText', 42, undefined],
      ['sendMessage', undefined, 42],
      ['editMessageText', 42, undefined],
    ],
  )
  assert.match(heard[0]?.body.text, /Acme &lt;Ltd&gt; &amp; &quot;Co&quot;/)
})

test('PagerDuty: one incident under one key, with four levels', async t => {
  const { url, heard, tell } = await service(t, () => [202, { status: 'success', dedup_key: 'g-a-1' }])
  const pager = { type: 'pagerduty', routingKey: 'R0', url: `${url}/v2/enqueue` } as const
  for (const kind of ['opened', 'escalated', 'ended'] as const) await tell(kind, pager)

  assert.deepEqual(
    heard.map(({ body }) => [body.routing_key, body.event_action, body.dedup_key, body.payload.severity]),
    [
      ['R0', 'trigger', 'g-a-1', 'error'],
      ['R0', 'trigger', 'g-a-1', 'error'],
      ['R0', 'resolve', 'g-a-1', 'error'],
    ],
  )
  assert.equal(heard[0]?.body.payload.source, '192.0.2.1')
  assert.equal(heard[0]?.body.links[0].href, 'https://guard.example.net/attacks/a-1')
})

test('Opsgenie: an alert, notes on it, and its end', async t => {
  const { url, heard, tell } = await service(t, () => [
    202,
    { result: 'Request will be processed', requestId: 'r' },
  ])
  const genie = { type: 'opsgenie', apiKey: 'k', region: 'eu', url } as const
  const posted = await tell('opened', genie)
  await tell('updated', genie, 'alias')
  await tell('escalated', genie, 'alias')
  await tell('ended', genie, 'alias')

  assert.deepEqual(posted, { kind: 'taken', thread: 'alias' })
  assert.deepEqual(
    heard.map(({ path }) => path),
    [
      '/v2/alerts',
      '/v2/alerts/g-a-1/notes?identifierType=alias',
      '/v2/alerts/g-a-1/notes?identifierType=alias',
      '/v2/alerts/g-a-1/close?identifierType=alias',
    ],
  )
  assert.deepEqual([heard[0]?.body.priority, heard[0]?.body.alias], ['P2', 'g-a-1'])
  assert.equal(heard[0]?.headers['authorization'], 'GenieKey k')
})

test('Teams: an Adaptive Card in which no text is a link', async t => {
  const { url, heard, tell } = await service(t, () => [202, ''])
  assert.deepEqual(await tell('opened', { type: 'teams', url }), { kind: 'taken' })

  const [{ contentType, content }] = heard[0]?.body.attachments ?? []
  assert.equal(contentType, 'application/vnd.microsoft.card.adaptive')
  assert.equal(content.actions[0].type, 'Action.OpenUrl')
})

test('redirects are refused, 5xx and 429 are tried again when the server says', async t => {
  const answers: Answered[] = [
    [302, '', { location: 'http://169.254.169.254/latest/meta-data/' }],
    [503, ''],
    [429, '', { 'retry-after': '7' }],
    [404, 'the address https://x/secret is unknown'],
  ]
  const { url, heard, tell } = await service(t, (_, index) => answers[index] ?? [200, ''])
  const to = { type: 'generic', url, secret: undefined, headers: {} } as const
  const all = [
    await tell('opened', to),
    await tell('opened', to),
    await tell('opened', to),
    await tell('opened', to),
  ]

  assert.deepEqual(all, [
    { kind: 'refused', error: 'HTTP 302: redirects are not followed' },
    { kind: 'later', error: 'HTTP 503' },
    { kind: 'later', error: 'HTTP 429', waitSeconds: 7 },
    { kind: 'refused', error: 'HTTP 404' },
  ])
  assert.equal(heard.length, 4)
})
