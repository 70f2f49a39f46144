import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readAlerting } from './alerting.ts'
import { DESTINATION_TYPES } from './alerting-schema.ts'
import { folderWith, mainWith, said } from './folder-for-tests.ts'
import { nativeTree } from './native-tree.ts'

const HOOK = 'https://hooks.example.com/T0/B0/qqSECRETqq'

const ALL = `destinations:
  - {type: slack, webhook_url: ${HOOK}, channel: "#ops"}
  - {type: discord, webhook_url: ${HOOK}}
  - {type: teams, webhook_url: ${HOOK}}
  - {type: telegram, bot_token: 1:qqSECRETqq, chat_id: "-100"}
  - {type: pagerduty, routing_key: qqSECRETqq, events_url: https://events.example.com/v2/enqueue}
  - {type: opsgenie, api_key: qqSECRETqq, region: eu, events: [mitigation.created]}
  - type: generic
    url: https://alerts.example.com/in?token=qqSECRETqq
    secret: qqSECRETqq
    headers: {Authorization: Bearer qqSECRETqq}
events: [mitigation.created, mitigation.withdrawn]
`

const webhooksOf = (read: ReturnType<typeof readAlerting>): unknown =>
  read.kind === 'ok' && Reflect.get(Object(nativeTree(read.placed).settings), 'notify').webhooks

test('every destination becomes a native one, with the place of each secret and no secret', () => {
  const file = '/etc/prefixd/alerting.yaml'
  const at = (...key: (string | number)[]) => ({ file, key: ['destinations', ...key] })

  const read = readAlerting(ALL, file)

  assert.deepEqual(read.problems, [])
  assert.deepEqual(webhooksOf(read), {
    destinations: [
      { type: 'slack', url: at(0, 'webhook_url'), channel: '#ops' },
      { type: 'discord', url: at(1, 'webhook_url') },
      { type: 'teams', url: at(2, 'webhook_url') },
      { type: 'telegram', botToken: at(3, 'bot_token'), chatId: '-100' },
      {
        ...{ type: 'pagerduty', routingKey: at(4, 'routing_key') },
        eventsUrl: 'https://events.example.com/v2/enqueue',
      },
      { type: 'opsgenie', apiKey: at(5, 'api_key'), region: 'eu', events: ['mitigation.created'] },
      {
        ...{ type: 'generic', url: at(6, 'url'), secret: at(6, 'secret') },
        headers: { Authorization: at(6, 'headers', 'Authorization') },
      },
    ],
    events: ['mitigation.created', 'mitigation.withdrawn'],
  })
  assert.doesNotMatch(JSON.stringify(read), /SECRET/)
})

test("what prefixd's API refuses is told in its words; an error where prefixd cannot send either", () => {
  const url = (type: string, value: string) => ({ type, [type === 'generic' ? 'url' : 'webhook_url']: value })
  const wrong = [
    { type: 'slack' },
    url('slack', '***'),
    url('discord', 'no address'),
    url('teams', 'http://example.com/'),
    url('slack', `https://example.com/${'x'.repeat(1024)}`),
    url('generic', 'https://localhost/x'),
    url('generic', 'https://a.localhost./x'),
    url('generic', 'https://169.254.169.254/x'),
    url('generic', 'https://[fd00::1]/x'),
    url('generic', 'https://100.64.0.1/x'),
    { type: 'opsgenie', api_key: 'k', region: 'mars' },
    { type: 'telegram', bot_token: 't', chat_id: '' },
    { type: 'pagerduty', routing_key: 'k', events_url: 'https://10.0.0.1/' },
  ]

  const { problems } = readAlerting(stringify({ destinations: wrong }), 'alerting.yaml')

  assert.deepEqual(
    problems
      .filter(({ code }) => code === 'prefixd-alerting')
      .map(({ severity, message }) => `${severity} ${message.replace('destination', '')}`),
    [
      'error [0] (slack): webhook_url is required',
      'error [1] (slack): cannot resolve redacted webhook_url',
      'error [2] (discord): webhook_url must be a valid URL',
      'warning [3] (teams): webhook_url must use https',
      'warning [4] (slack): webhook_url exceeds 1024 chars',
      'warning [5] (generic): url host is not allowed',
      'warning [6] (generic): url host is not allowed',
      'warning [7] (generic): url host IP is not allowed',
      'warning [8] (generic): url host IP is not allowed',
      'warning [9] (generic): url host IP is not allowed',
      "error [10] (opsgenie): region must be 'us' or 'eu'",
      'error [11] (telegram): chat_id is required',
      'warning [12] (pagerduty): events_url host IP is not allowed',
    ],
  )
})

test('fields of another type and events nobody knows are told', () => {
  const text = `destinations:
  - {type: discord, webhook_url: ${HOOK}, chat_id: "7", colour: red, events: [mitigation.made]}
`
  assert.deepEqual(said(readAlerting(text, 'a.yaml').problems), [
    'a.yaml:2 error prefixd-value destinations[0].events[0]: expected one of mitigation.created, mitigation.escalated, mitigation.withdrawn, mitigation.expired, config.reloaded, guardrail.rejected, found the text "mitigation.made"',
    'a.yaml:2 warning prefixd-unknown-key destinations[0].colour: unknown key "colour"; it is ignored',
  ])
  assert.deepEqual(
    said(readAlerting(text.replace('mitigation.made', 'mitigation.created'), 'a.yaml').problems).slice(1, 2),
    ['a.yaml:2 notice prefixd-not-carried destinations[0].chat_id: chat_id says nothing for discord'],
  )
})

test('alerting in prefixd.yaml counts only without an alerting.yaml', () => {
  const inline = mainWith({
    alerting: { destinations: [{ type: 'slack', webhook_url: HOOK, channel: '#inline' }] },
  })
  const firstOf = (alerting: string | undefined) =>
    get(folderWith({ 'prefixd.yaml': inline, 'alerting.yaml': alerting }).settings, 0)

  assert.deepEqual(firstOf(undefined), {
    ...{ type: 'slack', channel: '#inline' },
    url: { file: '/etc/prefixd/prefixd.yaml', key: ['alerting', 'destinations', 0, 'webhook_url'] },
  })
  const other = `destinations: [{type: discord, webhook_url: ${HOOK}}]\n`
  assert.deepEqual(firstOf(other), {
    type: 'discord',
    url: { file: '/etc/prefixd/alerting.yaml', key: ['destinations', 0, 'webhook_url'] },
  })
  assert.deepEqual(firstOf(''), undefined)
})

const get = (settings: unknown, at: number): unknown => Object(settings).notify?.webhooks?.destinations?.[at]

test('whatever stands where a secret belongs, no message holds it', () => {
  const value = fc.constantFrom<unknown>(
    'qq7SECRET7qq',
    'https://qq7SECRET7qq.example/x',
    'http://u:qq7SECRET7qq@example.com/',
    771234567177,
    ['qq7SECRET7qq'],
    { a: 'qq7SECRET7qq' },
    { Authorization: 771234567177 },
  )
  const fields = ['webhook_url', 'bot_token', 'routing_key', 'api_key', 'secret', 'headers'] as const
  const destination = fc.record(
    { type: fc.constantFrom(...DESTINATION_TYPES), ...Object.fromEntries(fields.map(name => [name, value])) },
    { requiredKeys: ['type'] },
  )

  fc.assert(
    fc.property(fc.array(destination), value, (destinations, database) => {
      const alerting = readAlerting(stringify({ destinations }), 'alerting.yaml')
      const main = folderWith({ 'prefixd.yaml': mainWith({ 'storage.connection_string': database }) })
      const messages = [...alerting.problems, ...main.problems].map(
        ({ message, hint }) => `${message} ${hint}`,
      )
      assert.doesNotMatch(messages.join('\n'), /SECRET|771234567177/)
    }),
  )
})
