import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readAlerting } from './alerting.ts'
import { DESTINATION_TYPES } from './alerting-schema.ts'
import { folderWith, mainWith, said } from './folder-for-tests.ts'

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

test('every destination is read, kept without its secrets, and told to be not told yet', () => {
  const read = readAlerting(ALL, '/etc/prefixd/alerting.yaml')
  assert.ok(read.kind === 'ok')

  const names = read.alerting.destinations.map(({ name }) => name)

  assert.deepEqual(names, [
    'slack #ops',
    'discord',
    'teams',
    'telegram -100',
    'pagerduty',
    'opsgenie eu',
    'generic alerts.example.com',
  ])
  assert.deepEqual(read.alerting.destinations[6], {
    type: 'generic',
    name: 'generic alerts.example.com',
    settings: {},
    secrets: {
      url: { kind: 'in-file', file: '/etc/prefixd/alerting.yaml', path: 'destinations[6].url' },
      secret: { kind: 'in-file', file: '/etc/prefixd/alerting.yaml', path: 'destinations[6].secret' },
      'headers.Authorization': {
        kind: 'in-file',
        file: '/etc/prefixd/alerting.yaml',
        path: 'destinations[6].headers.Authorization',
      },
    },
    events: [],
  })
  assert.deepEqual(read.alerting.destinations[5]?.events, ['mitigation.created'])
  assert.deepEqual(read.alerting.events, ['mitigation.created', 'mitigation.withdrawn'])
  assert.deepEqual(said(read.problems).slice(0, 2), [
    'alerting.yaml:2 warning prefixd-not-told destinations[0]: destination[0] (slack): slack #ops is not told anything yet',
    'alerting.yaml:3 warning prefixd-not-told destinations[1]: destination[1] (discord): discord is not told anything yet',
  ])
  assert.equal(read.problems.length, 7)
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
  const namesOf = (alerting: string | undefined) =>
    folderWith({ 'prefixd.yaml': inline, 'alerting.yaml': alerting }).kept?.alerting.destinations.map(
      ({ name }) => name,
    )

  assert.deepEqual(namesOf(undefined), ['slack #inline'])
  assert.deepEqual(namesOf(`destinations: [{type: discord, webhook_url: ${HOOK}}]\n`), ['discord'])
  assert.deepEqual(namesOf(''), [])
})

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
