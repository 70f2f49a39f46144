import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SILENT } from '#lib/log/logger.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import { until } from '../../../test/until.ts'
import type { Alert } from './alert.ts'
import { type Destination, requestFor, type Service } from './destination.ts'
import { WebhookSender } from './webhook-sender.ts'

const ALERT: Alert = {
  ...{ event_type: 'mitigation.created', severity: 'warning', title: 'Mitigation Created' },
  ...{ message: 'UDP <flood> & more', source: 'prefixd', timestamp: '2030-01-02T03:04:05.000Z' },
  ...{ mitigation_id: 'm1', victim_ip: '192.0.2.1', vector: 'udp_flood', customer_id: 'c1', pop: 'p1' },
  action_type: 'discard',
}
const END: Alert = {
  ...ALERT,
  event_type: 'mitigation.expired',
  severity: 'info',
  title: 'Mitigation Expired',
}
const URL_ = 'https://hooks.example/T0/secret'

const bodyFor = (service: Service, alert = ALERT) => JSON.parse(requestFor(alert, service).body ?? '')

test('Slack gets blocks with a fallback text, and a channel only where one is said', () => {
  const body = bodyFor({ type: 'slack', url: URL_, channel: '#ops' })

  assert.equal(body.text, 'Mitigation Created: UDP &lt;flood&gt; &amp; more')
  assert.equal(body.channel, '#ops')
  assert.deepEqual(
    body.blocks.map(({ type }: { type: string }) => type),
    ['header', 'section', 'section', 'context', 'context'],
  )
  assert.equal('channel' in bodyFor({ type: 'slack', url: URL_ }), false)
})

test('Discord gets one embed with its colour, and nobody is mentioned', () => {
  const { embeds, allowed_mentions: mentions } = bodyFor({ type: 'discord', url: URL_ })

  assert.equal(embeds[0].color, 0xff9900)
  assert.deepEqual(
    embeds[0].fields.map(({ name }: { name: string }) => name),
    ['Victim IP', 'Vector', 'Action', 'Customer', 'POP'],
  )
  assert.deepEqual(mentions, { parse: [] })
})

test('Teams gets an Adaptive Card 1.4', () => {
  const [{ contentType, content }] = bodyFor({ type: 'teams', url: URL_ }).attachments

  assert.equal(contentType, 'application/vnd.microsoft.card.adaptive')
  assert.deepEqual(
    [content.version, content.body[0].color, content.body[2].type],
    ['1.4', 'Warning', 'FactSet'],
  )
})

test('Telegram gets escaped HTML without a preview', () => {
  const service = { type: 'telegram', botToken: '1:a/b', chatId: '-100' } as const
  const body = bodyFor(service)

  assert.equal(requestFor(ALERT, service).url, 'https://api.telegram.org/bot1%3Aa%2Fb/sendMessage')
  assert.match(body.text, /UDP &lt;flood&gt; &amp; more/)
  assert.deepEqual([body.chat_id, body.parse_mode, body.disable_web_page_preview], ['-100', 'HTML', true])
})

test('a token that is no whole text is refused by Telegram, not by us', () => {
  const { url } = requestFor(ALERT, { type: 'telegram', botToken: '1:\ud800', chatId: '-100' })

  assert.equal(url, 'https://api.telegram.org/bot1%3A%EF%BF%BD/sendMessage')
})

test('PagerDuty is triggered and resolved under one key', () => {
  const service = { type: 'pagerduty', routingKey: 'k' } as const
  const [begun, over] = [bodyFor(service), bodyFor(service, END)]

  assert.deepEqual([begun.event_action, over.event_action], ['trigger', 'resolve'])
  assert.deepEqual([begun.dedup_key, over.dedup_key], ['m1', 'm1'])
  assert.equal(begun.payload.component, 'prefixd')
  assert.equal(requestFor(ALERT, service).url, 'https://events.pagerduty.com/v2/enqueue')
})

test('Opsgenie alerts are created under an alias, and closed when it is over', () => {
  const service = { type: 'opsgenie', apiKey: 'k', region: 'eu' } as const
  const [begun, over] = [requestFor(ALERT, service), requestFor(END, service)]

  assert.equal(begun.url, 'https://api.eu.opsgenie.com/v2/alerts')
  assert.equal(begun.headers?.['authorization'], 'GenieKey k')
  assert.deepEqual([bodyFor(service).alias, bodyFor(service).priority], ['m1', 'P3'])
  assert.equal(over.url, 'https://api.eu.opsgenie.com/v2/alerts/m1/close?identifierType=alias')
})

test('a generic webhook gets the alert as it is, with a signature over the body', () => {
  const service: Service = { type: 'generic', url: URL_, secret: 's', headers: { 'X-Key': 'v' } }
  const { body = '', headers = {} } = requestFor(ALERT, service)

  assert.deepEqual(JSON.parse(body), ALERT)
  assert.equal(
    headers['x-prefixd-signature'],
    `sha256=${createHmac('sha256', 's').update(body).digest('hex')}`,
  )
  assert.equal(headers['x-key'], 'v')
})

const to = (id: string, changes: Partial<Destination> = {}): Destination => ({
  ...{ id, name: `generic ${id}`, service: { type: 'generic', url: `https://${id}.example/` }, events: [] },
  ...changes,
})
const OK: Fetched = { kind: 'answered', status: 200, body: '' }

function senderWith(answers: (request: SafeRequest) => Fetched | Promise<Fetched>, waitingMax = 10) {
  const asked: string[] = []
  const fetch = async (request: SafeRequest) => {
    asked.push(`${new URL(request.url).hostname} ${JSON.parse(request.body ?? '').message}`)
    return await answers(request)
  }
  const sender = new WebhookSender({ fetch, log: SILENT, tryAgainMs: 1, waitingMax })
  const counted = (name: string) =>
    [...sender.metrics()].filter(each => each.name === `floodwarden_alerts_${name}`).map(({ value }) => value)
  return { sender, asked, counted }
}
const saying = (message: string): Alert => ({ ...ALERT, message })

test('a failure is tried again in order, a refusal is not', async () => {
  let tries = 0
  const { sender, asked, counted } = senderWith(({ url }) => {
    if (url.includes('down')) return ++tries < 3 ? { kind: 'failed', error: 'x' } : OK
    return { kind: 'answered', status: 404, body: '' }
  })
  sender.reconfigure([to('down'), to('gone')], [])

  sender.tell(saying('1'))
  sender.tell(saying('2'))
  await until(() => counted('sent_total')[0] === 2 && counted('lost_total')[0] === 2)

  assert.deepEqual(
    asked.filter(line => line.startsWith('down')),
    ['down.example 1', 'down.example 1', 'down.example 1', 'down.example 2'],
  )
  assert.deepEqual(
    asked.filter(line => line.startsWith('gone')),
    ['gone.example 1', 'gone.example 2'],
  )
  assert.deepEqual(
    [counted('sent_total'), counted('tried_again_total'), counted('lost_total')],
    [[2], [2], [2, 0]],
  )
})

test('only wanted events are told, by the filter of all and that of one', async () => {
  const { sender, asked } = senderWith(() => OK)
  sender.reconfigure(
    [to('all'), to('ends', { events: ['mitigation.expired'] })],
    ['mitigation.created', 'mitigation.expired'],
  )

  sender.tell(saying('begun'))
  sender.tell({ ...ALERT, event_type: 'config.reloaded', message: 'reloaded' })
  sender.tell({ ...END, message: 'over' })
  await until(() => asked.length === 3)

  assert.deepEqual(asked.sort(), ['all.example begun', 'all.example over', 'ends.example over'])
})

test('a destination that hangs keeps nobody waiting, and its queue has a bound', async () => {
  const { sender, asked, counted } = senderWith(
    ({ url }) => (url.includes('slow') ? new Promise(() => {}) : OK),
    2,
  )
  sender.reconfigure([to('slow'), to('fast')], [])

  for (const message of ['1', '2', '3', '4', '5']) sender.tell(saying(message))
  await until(() => asked.includes('fast.example 5'))
  sender.stop()

  assert.deepEqual(
    asked.filter(line => line.startsWith('slow')),
    ['slow.example 1'],
  )
  assert.equal(asked.filter(line => line.startsWith('fast')).at(-1), 'fast.example 5')
  assert.ok((counted('lost_total')[1] ?? 0) >= 2)
})

test('what waits is tried by new settings, in order, and not at all for one that is gone', async () => {
  const { sender, asked, counted } = senderWith(({ url }) =>
    url.includes('new') ? OK : { kind: 'failed', error: 'x' },
  )
  sender.reconfigure([to('stays'), to('goes')], [])
  for (const message of ['1', '2']) sender.tell(saying(message))

  sender.reconfigure([to('stays', { service: { type: 'generic', url: 'https://new.example/' } })], [])
  await until(() => counted('waiting')[0] === 0)

  assert.deepEqual(asked, ['stays.example 1', 'goes.example 1', 'new.example 1', 'new.example 2'])
  assert.deepEqual([counted('lost_total'), counted('waiting')], [[0, 2], [0]])
})

test('after a stop nothing is sent any more', async () => {
  const { sender, asked } = senderWith(() => ({ kind: 'failed', error: 'x' }))
  sender.reconfigure([to('down')], [])
  for (const message of ['1', '2']) sender.tell(saying(message))
  await until(() => asked.length > 1)

  sender.stop()
  const before = [...asked]
  await sleep(20)

  assert.deepEqual(new Set(before), new Set(['down.example 1']))
  assert.deepEqual(asked, before)
})

test('a test tells how each went, by the status alone', async () => {
  const { sender } = senderWith(({ url }) =>
    url.includes('bad') ? { kind: 'answered', status: 403, body: 'https://bad.example/secret' } : OK,
  )
  sender.reconfigure([to('good', { events: ['config.reloaded'] }), to('bad')], [])

  assert.deepEqual(await sender.test(ALERT), [
    { destination: 'generic good' },
    { destination: 'generic bad', error: 'HTTP 403' },
  ])
})
