import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DESTINATION_TYPES } from '../alerting-schema.ts'
import { alertingSchema, mergeAlerting, redacted, type StoredAlerting } from './alerting-body.ts'

const NOBODY: StoredAlerting = { destinations: [], events: [] }
const HOOK = 'https://hooks.example.com/T0/qqSECRETqq'

let number = 0
const merge = (destinations: readonly object[], before = NOBODY, mayReach = false) =>
  mergeAlerting(
    alertingSchema.parse({ destinations }),
    before,
    () => `id-${++number}`,
    () => mayReach,
  )

const saved = (destinations: readonly object[], before = NOBODY): StoredAlerting => {
  const merged = merge(destinations, before)
  assert.ok(merged.kind === 'ok', merged.kind === 'refused' ? merged.errors.join('; ') : '')
  return merged.alerting
}
const errorsOf = (destinations: readonly object[], before = NOBODY) => {
  const merged = merge(destinations, before)
  return merged.kind === 'refused' ? merged.errors : []
}

const ALL = [
  { type: 'slack', webhook_url: HOOK, channel: '#ops' },
  { type: 'slack', webhook_url: `${HOOK}2` },
  { type: 'discord', webhook_url: HOOK },
  { type: 'discord', webhook_url: `${HOOK}2` },
  { type: 'telegram', bot_token: '1:qqSECRETqq', chat_id: '-100' },
  { type: 'opsgenie', api_key: 'qqSECRETqq', region: 'eu' },
  {
    type: 'generic',
    url: HOOK,
    secret: 'qqSECRETqq',
    headers: { Authorization: 'Bearer qqSECRETqq', 'X-A': 'b' },
  },
  { type: 'generic', url: `${HOOK}3` },
]

test('what is shown holds no secret, and sent back as it is it changes nothing', () => {
  const before = saved(ALL)

  const shown = redacted(before)
  const after = saved(shown.destinations, before)

  assert.doesNotMatch(JSON.stringify(shown), /SECRET/)
  assert.deepEqual(after, before)
  // An entry without a secret shows none.
  assert.equal('secret' in (shown.destinations[7] ?? {}), false)
})

test('without an id the one stored destination that fits is found, and several are told apart by no guess', () => {
  const before = saved(ALL)
  const [slack] = saved([{ type: 'slack', webhook_url: '***', channel: '#ops' }], before).destinations

  assert.equal(slack?.webhook_url, HOOK)
  assert.deepEqual(
    errorsOf(
      [
        { type: 'discord', webhook_url: '***' },
        { type: 'teams', webhook_url: '***' },
      ],
      before,
    ),
    [
      'destination[0] (discord): ambiguous redacted webhook_url — multiple stored discord destinations match; send their id',
      'destination[1] (teams): cannot resolve redacted webhook_url — no stored teams destination matches',
    ],
  )
})

test('all that is wrong is told at once, in the words of prefixd', () => {
  const wrong = [
    { type: 'slack' },
    { type: 'teams', webhook_url: 'http://example.com/' },
    { type: 'generic', url: 'https://10.0.0.1/' },
    { type: 'generic', url: 'https://[::ffff:127.0.0.1]/' },
    { type: 'opsgenie', api_key: 'k', region: 'mars' },
    { type: 'telegram', bot_token: 't', chat_id: '' },
  ]

  assert.deepEqual(errorsOf(wrong), [
    'destination[0] (slack): webhook_url is required',
    'destination[1] (teams): webhook_url must use https',
    'destination[2] (generic): url host IP is not allowed',
    'destination[3] (generic): url host IP is not allowed',
    "destination[4] (opsgenie): region must be 'us' or 'eu'",
    'destination[5] (telegram): chat_id is required',
  ])
  assert.equal(merge([{ type: 'generic', url: 'http://10.0.0.1/' }], NOBODY, true).kind, 'ok')
})

test('an id is never held twice, and one that nobody gave is not taken over', () => {
  const before = saved([{ type: 'discord', webhook_url: HOOK }])
  const id = before.destinations[0]?.id
  const again = saved(
    [
      { type: 'discord', webhook_url: HOOK, id },
      { type: 'discord', webhook_url: HOOK, id },
      { ...ALL[2], id: 'mine' },
    ],
    before,
  )

  const ids = again.destinations.map(one => one.id)
  assert.equal(ids[0], id)
  assert.equal(new Set(ids).size, 3)
})

test('whatever destinations there are, no secret is shown', () => {
  const secret = fc.constant('qqSECRETqq')
  const fields = ['webhook_url', 'bot_token', 'routing_key', 'api_key', 'secret', 'url'] as const
  const destination = fc.record(
    {
      ...{
        id: fc.uuid(),
        type: fc.constantFrom(...DESTINATION_TYPES),
        headers: fc.dictionary(fc.string(), secret),
      },
      ...Object.fromEntries(fields.map(name => [name, secret])),
    },
    { requiredKeys: ['id', 'type'] },
  )
  fc.assert(
    fc.property(fc.array(destination), destinations => {
      assert.doesNotMatch(JSON.stringify(redacted({ destinations, events: [] })), /SECRET/)
    }),
  )
})
