import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Alert } from './alert.ts'
import { requestFor, type Service } from './destination.ts'

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
