import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearer } from '#api/access/access-for-tests.ts'
import { DDPS_KEYS, type DdpsRule } from '#compat/ddps/rule.ts'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { cookie, ddpsForTests } from './ddps-for-tests.ts'

async function signedIn() {
  const made = ddpsForTests()
  const headers = cookie(await made.tokenOf('ann'))
  const add = (rule: object | string | Buffer) => made.post('/addrule', rule, headers)
  return { ...made, headers, add }
}

const BARE: Partial<DdpsRule> = { ipprotocol: '', sourceport: '', packetlength: '' }

/** The rules that DDPS tests itself with, by what they are for. */
const SUCCESS: Readonly<Record<string, Partial<DdpsRule>>> = {
  'block-length-900-tcp-80': { ...BARE, ipprotocol: '=6', destinationport: '=80', packetlength: '=900' },
  'web-server': { ...BARE, ipprotocol: '=6', destinationport: '<=79 >=81&<=442 >=444' },
  chargen: { ...BARE, ipprotocol: '=6 =17', sourceport: '=19', packetlength: '=468' },
  'dns-amplification': { ...BARE, ipprotocol: '=17', sourceport: '=53', packetlength: '=512' },
  'ntp-amplification': { ...BARE, ipprotocol: '=17', sourceport: '=123', packetlength: '=468' },
  memcached: { ...BARE, ipprotocol: '=17', sourceport: '=11211' },
  qotd: { ...BARE, ipprotocol: '=6 =17', sourceport: '=17' },
  gre: { ...BARE, ipprotocol: '=47' },
  fragments: { ...BARE, fragmentencoding: 'is-fragment first-fragment last-fragment' },
  'snmp-rate-limit': { ...BARE, ipprotocol: '=17', sourceport: '=161 =162', thenaction: 'rate-limit 9600' },
  'ssdp-rate-limit': { ...BARE, ipprotocol: '=17', sourceport: '=1900', thenaction: 'rate-limit 9600' },
  accepted: { thenaction: 'accept' },
  'longest-description': { description: 'ø'.repeat(256) },
  'any-source': { sourceprefix: '0.0.0.0/0' },
}

const LONG = '1'.repeat(130)

/** Whatever they ask for, nothing of it is done. */
const FAIL: Readonly<
  Record<string, readonly [rule: object | string | Buffer, status: number, text: RegExp]>
> = {
  ...Object.fromEntries(
    DDPS_KEYS.filter(key => key !== 'description').map(key => [
      `long-${key}`,
      [{ ...ddpsRule(), [key]: LONG }, 422, /^field validation \/ data type error\(s\): .*, rule discarded$/],
    ]),
  ),
  'long-description': [ddpsRule({ description: 'x'.repeat(257) }), 422, /description is longer than 256/],
  'bad-target': [ddpsRule({ destinationprefix: '10.0.0.256/32' }), 422, /destinationprefix is no prefix/],
  'bad-source': [ddpsRule({ sourceprefix: '10.0.0.0/33' }), 422, /sourceprefix is no prefix/],
  'duration-1442': [ddpsRule({ durationminutes: '1442' }), 422, /1 to 1440/],
  'missing-key': [{ ...ddpsRule(), dscp: undefined }, 422, /dscp is missing/],
  'number-for-text': [{ ...ddpsRule(), destinationport: 80 }, 422, /destinationport is a number/],
  'unknown-key': [{ ...ddpsRule(), srcordestport: '=80' }, 422, /"srcordestport" is no key/],
  'no-json': ['{"durationminutes": ', 400, /^json validation error$/],
  'no-utf8': [
    Buffer.from(JSON.stringify(ddpsRule({ description: 'caf\u00e9' })), 'latin1'),
    400,
    /^json validation error$/,
  ],
  'no-body': ['', 400, /^json validation error$/],
  'deep-json': [`${'['.repeat(100)}${']'.repeat(100)}`, 400, /^json validation error$/],
  list: ['[]', 422, /is a list and not an object/],
  'port-99999': [ddpsRule({ destinationport: '99999' }), 400, /^destinationport has 99999/],
  'port-operators': [ddpsRule({ destinationport: '=>80' }), 400, /^destinationport has "=>80"/],
  'flags-of-fastnetmon': [ddpsRule({ tcpflags: 'syn,ack' }), 400, /^tcpflags has "syn,ack"/],
  'fragment-number': [ddpsRule({ fragmentencoding: '1' }), 400, /^fragmentencoding has "1"/],
  'no-action': [ddpsRule({ thenaction: '' }), 400, /^thenaction is ""/],
  'other-action': [
    ddpsRule({ thenaction: 'rate-limit 1' }),
    400,
    /not one of accept, discard, rate-limit 9600/,
  ],
  'no-description': [ddpsRule({ description: '' }), 400, /^description is empty/],
  'not-his': [
    ddpsRule({ destinationprefix: '192.0.2.1/32' }),
    400,
    /is not within a network you may protect$/,
  ],
  'larger-than-his': [ddpsRule({ destinationprefix: '10.0.0.0/15' }), 400, /not within a network/],
  'empty-set': [ddpsRule({ ipprotocol: '<=5&>=7' }), 400, /^ipprotocol matches nothing/],
}

test('rules that DDPS takes are taken', async () => {
  const { add, rules } = await signedIn()

  for (const [name, changes] of Object.entries(SUCCESS)) {
    const { status, text, headers } = await add(ddpsRule(changes))

    assert.deepEqual([status, text], [200, 'rule accepted'], name)
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8')
  }
  assert.equal(rules.orders.length, Object.keys(SUCCESS).length)
  assert.deepEqual(
    rules.orders.slice(0, 3).map(({ rule, seconds, by }) => [printRule(rule), seconds, by]),
    [
      [
        'destination 10.0.0.5/32 protocol =tcp destination-port =80 packet-length =900 then discard',
        600,
        'ann',
      ],
      [
        'destination 10.0.0.5/32 protocol =tcp destination-port <=79,>=81&<=442,>=444 then discard',
        600,
        'ann',
      ],
      [
        'destination 10.0.0.5/32 protocol =tcp,=udp source-port =19 packet-length =468 then discard',
        600,
        'ann',
      ],
    ],
  )
})

test('rules that it refuses are refused, in one line', async () => {
  const { add, rules, failures } = await signedIn()

  for (const [name, [rule, status, text]] of Object.entries(FAIL)) {
    const answer = await add(rule)

    assert.deepEqual([name, answer.status], [name, status])
    assert.match(answer.text, text, name)
    assert.ok(!answer.text.includes('\n') && answer.text.length < 600, answer.text)
  }
  assert.deepEqual([rules.orders.length, failures.length], [0, 0])
})

test('what the desk refuses is told in its words', async () => {
  const { add, rules } = await signedIn()
  const rows = [
    ['duplicate', 400, 'an identical rule is live already'],
    ['active-quota', 400, 'Customer specific active rules exceeded'],
    ['rate-quota', 400, 'Customer specific rules per unit of time exceeded'],
    ['policy', 400, '10.0.0.5/32 is on the safelist'],
    ['unavailable', 503, 'the state cannot be written'],
  ] as const

  for (const [because, status, text] of rows) {
    rules.outcome = { kind: 'refused', because, text }
    const answer = await add(ddpsRule())
    assert.deepEqual([answer.status, answer.text], [status, text])
  }
})

test('whoever is confined protects his own alone', async () => {
  const { post, token, rules } = await signedIn()
  const headers = bearer(await token('operator', { customers: ['acme'] }))

  const own = await post('/addrule', ddpsRule(), headers)
  const other = await post('/addrule', ddpsRule({ destinationprefix: '10.0.1.5/32' }), headers)
  const wider = await post('/addrule', ddpsRule({ destinationprefix: '10.0.0.0/23' }), headers)

  assert.deepEqual([own.status, other.status, wider.status], [200, 400, 400])
  assert.equal(rules.orders.length, 1)
})

test('rules are listed with their keys where DDPS has words for them, and withdrawn', async () => {
  const { server, headers, post, rules } = await signedIn()
  const rule = (text: string) => {
    const parsed = parseRule(text)
    assert.ok(parsed.kind === 'parsed')
    return { text, rule: parsed.value }
  }
  const at = Date.parse('2026-11-20T10:00:00Z')
  const row = {
    ...{ description: 'why', createdBy: 'user:ann', sourceApp: 'ddps' },
    ...{ createdAt: at, startsAt: at, endsAt: at + 600_000, status: 'Active' as const },
  }
  rules.rows = [
    { ...row, id: 'r2', ...rule('destination 10.0.0.5/32 tcp-flags =syn+ack then discard') },
    { ...row, id: 'r1', ...rule('destination 10.0.0.5/32 protocol =udp then rate 9600 bytes/s') },
  ]

  const list = await server.inject({ url: '/rules', headers })
  const odd = await server.inject({ url: '/rules?which=mine', headers })
  const gone = await post('/rules/r1/withdraw', '', headers)
  rules.withdrawn = { kind: 'over' }
  const over = await post('/rules/r1/withdraw', '', headers)
  rules.withdrawn = { kind: 'unknown' }
  const unknown = await post('/rules/r9/withdraw', '', headers)

  const [first, second] = list.json()
  assert.equal(first.thenaction, undefined)
  assert.deepEqual(second, {
    ...{ flowspecruleid: 'r1', status: 'Active' },
    flowspec: 'destination 10.0.0.5/32 protocol =udp then rate 9600 bytes/s',
    ...{ validfrom: '2026-11-20T10:00:00.000Z', validto: '2026-11-20T10:10:00.000Z' },
    ...{ createdon: '2026-11-20T10:00:00.000Z', username: 'user:ann', sourceapp: 'ddps' },
    ...ddpsRule({ ...BARE, ipprotocol: '=17', thenaction: 'rate-limit 9600', description: 'why' }),
  })
  assert.deepEqual([odd.statusCode, odd.body], [400, 'which is active or all'])
  assert.deepEqual([gone.status, gone.text], [200, 'rule withdrawn'])
  assert.deepEqual([over.status, over.text], [200, 'rule expired'])
  assert.deepEqual([unknown.status, unknown.text], [404, 'no such rule'])
})

test('only its own methods are taken, and other paths are none', async () => {
  const { server, headers } = await signedIn()

  for (const [method, url, status] of [
    ...([['GET', '/signin', 405] as const, ['PUT', '/addrule', 405] as const] as const),
    ...([['GET', '/refresh', 405] as const, ['DELETE', '/rules', 405] as const] as const),
    ...([['GET', '/rules/r1/withdraw', 405] as const, ['GET', '/rules/r1', 404] as const] as const),
    ...([['POST', '/signin/x', 404] as const, ['POST', '/addrules', 404] as const] as const),
  ])
    assert.equal((await server.inject({ method, url, headers })).statusCode, status, `${method} ${url}`)
})

test('what comes of rules and sign-ins is counted', async () => {
  const { add, plugin, signIn } = await signedIn()
  await add(ddpsRule())
  await add(ddpsRule({ dscp: '=64' }))
  await signIn('ann', 'wrong one')

  const values = new Map(
    [...plugin.metrics.metrics()].map(({ name, labels = {}, value }) => [
      `${name} ${Object.values(labels).join()}`,
      value,
    ]),
  )

  assert.equal(values.get('floodwarden_ddps_rules_total accepted'), 1)
  assert.equal(values.get('floodwarden_ddps_rules_total syntax'), 1)
  assert.equal(values.get('floodwarden_ddps_sign_ins_total done'), 1)
  assert.equal(values.get('floodwarden_ddps_sign_ins_total wrong'), 1)
  assert.equal(values.get('floodwarden_ddps_requests_total 200'), 2)
})
