// bin/floodwarden-event as FastNetMon calls it: what it asks of the server, what it makes of the answers, and when it ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayRunProgram } from '../may-run-programs.ts'
import { Installation, RecordingServer, shellsOf } from './event-script.ts'
import { reportText } from './report-texts.ts'

const CURL = '/usr/bin/curl'
const BAN = ['192.0.2.1', 'incoming', '27421', 'ban'] as const
const UNBAN = ['192.0.2.1', 'incoming', '27421', 'unban'] as const
const REPORT = reportText({ type: 'udp_flood', protocol: 'udp', speeds: { udp: 27_421 } })
const ID = 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'
const OTHER_ID = '11111111-2222-4333-8444-555555555555'

test('a ban is reported with all that is known, under every shell', async t => {
  if (!mayRunProgram(t, CURL) || !mayRunProgram(t, '/usr/bin/busybox')) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const env = { PREFIXD_TOKEN: 'a"token\\' }

  for (const shell of shellsOf(t)) {
    const { code, stderr } = await installation.call(BAN, { report: REPORT, shell, env })
    assert.deepEqual([code, stderr], [0, ''], shell.name)
  }

  const ids = server.bodies('/v1/events').map(({ event_id, timestamp, ...rest }) => {
    assert.match(String(event_id), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.ok(Math.abs(Date.parse(String(timestamp)) - Date.now()) < 20_000)
    assert.deepEqual(rest, {
      source: 'fastnetmon',
      victim_ip: '192.0.2.1',
      vector: 'udp_flood',
      action: 'ban',
      pps: 27_421,
      raw_details: { raw: REPORT, direction: 'incoming', original_action: 'ban' },
    })
    return event_id
  })
  assert.equal(new Set(ids).size, shellsOf(t).length)
  assert.deepEqual(
    new Set(server.requests.map(({ headers }) => headers.authorization)),
    new Set(['Bearer a"token\\']),
  )
  assert.deepEqual(installation.leftovers(), [])
  assert.match(
    installation.logged(),
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ floodwarden-event\[\d+\]: info: ban 192.0.2.1 \(incoming\): accepted, event /,
  )
  assert.doesNotMatch(installation.logged(), /token/)
})

test('every action that is not unban is a ban, and power that is no number is 0 and said', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)

  await installation.call(['2001:0db8:0099::0001', 'incoming', '0042', 'attack_details'], { report: REPORT })
  const odd = await installation.call(['192.0.2.1/32', 'other', '-5; reboot', 'ban'], { report: '' })

  const [details, manual] = server.bodies('/v1/events')
  assert.deepEqual(
    [details?.['victim_ip'], details?.['pps'], details?.['action']],
    ['2001:0db8:0099::0001', 42, 'ban'],
  )
  assert.equal((details!['raw_details'] as Record<string, unknown>)['original_action'], 'attack_details')
  assert.deepEqual([manual?.['victim_ip'], manual?.['pps'], manual?.['vector']], ['192.0.2.1', 0, 'unknown'])
  assert.deepEqual(
    [odd.code, odd.stderr],
    [0, 'floodwarden-event: warning: PPS is no number, 0 is reported: -5; reboot\n'],
  )
})

test('unban takes back what is live for its host and nothing else, under every shell', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const decoy = {
    note: `"mitigation_id":"${OTHER_ID}" \\`,
    inner: { mitigation_id: OTHER_ID },
    list: ['{', '}'],
  }
  const live = { mitigation_id: ID, victim_ip: '2001:db8:99::1', details: decoy, dst_ports: [], reason: '' }
  server.live = [live, { mitigation_id: OTHER_ID, victim_ip: '192.0.2.77' }]
  const installation = new Installation(t, server.api)
  const shells = shellsOf(t)

  for (const shell of shells) {
    const words = ['2001:0db8:0099::0001', 'incoming', '5', 'unban']
    const { code, stderr } = await installation.call(words, { shell, keepsWriting: true })
    assert.deepEqual([code, stderr], [0, ''], shell.name)
  }

  const query = { status: 'pending,active,escalated', victim_ip: '2001:0db8:0099::0001', limit: '1000' }
  assert.deepEqual(server.requests[0]?.query, query)
  const withdrawals = server.bodies(`/v1/mitigations/${ID}/withdraw`)
  const reason = 'FastNetMon unban for 2001:0db8:0099::0001 (direction=incoming)'
  assert.deepEqual(
    withdrawals,
    shells.map(() => ({ operator_id: 'fastnetmon', reason })),
  )
  assert.equal(server.requests.length, 2 * shells.length)
})

test('unban asks again while nothing is found, as often as told, and that is no failure', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  server.answer = (_, before) => {
    if (before === 2) server.live = [{ mitigation_id: ID, victim_ip: '192.0.2.1' }]
    return undefined
  }
  const installation = new Installation(t, server.api)

  const late = await installation.call(UNBAN, { env: { UNBAN_QUERY_RETRIES: '5' } })
  server.live = []
  const never = await installation.call(UNBAN, { env: { UNBAN_QUERY_RETRIES: '2' } })

  assert.deepEqual([late.code, never.code], [0, 0])
  assert.deepEqual(server.requests.map(({ method }) => method).join(' '), 'GET GET GET POST GET GET GET')
  assert.match(never.log, /unban 192\.0\.2\.1 \(incoming\): nothing is live/)
})

test('a mitigation that ended meanwhile need not be withdrawn; one that is refused and still lives is a failure', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const refuse = (isGone: boolean) => {
    server.live = [{ mitigation_id: ID, victim_ip: '192.0.2.1' }]
    server.answer = ({ method }) => {
      if (method === 'GET') return undefined
      if (isGone) server.live = []
      return { status: 400 }
    }
  }

  refuse(true)
  const gone = await installation.call(UNBAN)
  refuse(false)
  const refused = await installation.call(UNBAN)

  assert.deepEqual([gone.code, refused.code], [0, 3])
  assert.match(refused.stderr, new RegExp(`not withdrawn: ${ID}: answer 400`))
})

test('an answer that is no list of mitigations withdraws nothing', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  server.answer = () => ({ status: 200, body: { mitigation_id: ID } })
  const installation = new Installation(t, server.api)

  const { code, stderr } = await installation.call(UNBAN, {
    env: { FLOODWARDEN_RETRIES: '0', FLOODWARDEN_SPOOL: 'off' },
  })

  assert.equal(code, 1)
  assert.match(stderr, /the answer is no list of mitigations/)
  assert.ok(server.requests.every(({ method }) => method === 'GET'))
})

test('a failed ban is tried again under a new id, and under the same when the answer was lost', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const answers = [
    { status: 500 },
    undefined,
    'reset' as const,
    { status: 409, body: { error: 'duplicate event' } },
  ]
  server.answer = (_, before) => answers[before]
  const installation = new Installation(t, server.api)

  const failed = await installation.call(BAN, { report: REPORT })
  const lost = await installation.call(BAN, { report: REPORT })

  assert.deepEqual([failed.code, lost.code], [0, 0])
  const ids = server.bodies('/v1/events').map(({ event_id }) => event_id)
  assert.equal(new Set(ids.slice(0, 2)).size, 2)
  assert.equal(ids[2], ids[3])
  assert.match(lost.log, /known already/)
  assert.deepEqual(installation.spooled(), [])
})

test('what the server refuses is said with its words, and neither repeated nor spooled', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const statuses = [401, 422, 301]
  server.answer = (_, before) => ({
    status: statuses[before]!,
    body: { error: 'IP 192.0.2.1/32 is safelisted\u0007' },
  })
  const installation = new Installation(t, server.api)

  for (const status of statuses) {
    const { code, stderr } = await installation.call(BAN, { report: REPORT })
    assert.equal(code, 3)
    assert.match(stderr, new RegExp(`answer ${status}: IP 192.0.2.1/32 is safelisted`))
  }

  assert.equal(server.requests.length, 3)
  assert.deepEqual(installation.spooled(), [])
})

test('neither a server that never answers nor a caller that never ends its report makes it hang', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  server.answer = ({ text }) => (text.includes('27421') ? 'hang' : undefined)
  const installation = new Installation(t, server.api)
  const bound = { FLOODWARDEN_REQUEST_SECONDS: '4', FLOODWARDEN_STDIN_SECONDS: '1', FLOODWARDEN_RETRIES: '0' }

  const [hanging, endless] = await Promise.all([
    installation.call(BAN, { report: REPORT, env: bound }),
    installation.call(['192.0.2.2', 'incoming', '5', 'ban'], {
      report: 'udp',
      keepsWriting: true,
      env: bound,
    }),
  ])

  assert.deepEqual([hanging.code, endless.code], [4, 0])
  assert.ok(hanging.seconds < 9 && endless.seconds < 30)
  assert.match(endless.stderr, /standard input did not end within 1 s/)
  const sent = server.bodies('/v1/events').find(body => body['victim_ip'] === '192.0.2.2')!
  assert.equal((sent['raw_details'] as Record<string, unknown>)['raw'], 'udp')
  assert.equal(sent['vector'], 'udp_flood')
})

test('a report that is too long is cut, and the caller may write all of it', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)

  const { code, stderr } = await installation.call(BAN, { report: '\u0001'.repeat(2_000_000) })

  const [request] = server.requests
  assert.equal(code, 0)
  assert.match(stderr, /longer than 262144 bytes/)
  assert.ok(request!.text.length > 700_000 && request!.text.length < 1_000_000)
  const { raw } = (JSON.parse(request!.text) as { raw_details: { raw: string } }).raw_details
  assert.equal(raw.replaceAll('\u0001', ''), '')
})
