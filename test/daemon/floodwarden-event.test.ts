// bin/floodwarden-event as FastNetMon calls it: what it asks of the server, what it makes of the answers, and when it ends.

import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../lab/command.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { DASH, Installation, RecordingServer, SCRIPT, shellsOf } from './event-script.ts'
import { reportText } from './report-texts.ts'

const CURL = '/usr/bin/curl'
const BAN = ['192.0.2.1', 'incoming', '27421', 'ban'] as const
const UNBAN = ['192.0.2.1', 'incoming', '27421', 'unban'] as const
const REPORT = reportText({ type: 'udp_flood', protocol: 'udp', speeds: { udp: 27_421 } })
const ID = 'e3b0c442-98fc-8c14-9afb-f4c8996fb924'
const OTHER_ID = '11111111-2222-4333-8444-555555555555'
const NO_SERVER = 'http://127.0.0.1:1'

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
  assert.equal((details?.['raw_details'] as Record<string, unknown>)['original_action'], 'attack_details')
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
  const bound = { FLOODWARDEN_REQUEST_SECONDS: '1', FLOODWARDEN_STDIN_SECONDS: '1', FLOODWARDEN_RETRIES: '0' }

  const [hanging, endless] = await Promise.all([
    installation.call(BAN, { report: REPORT, env: bound }),
    installation.call(['192.0.2.2', 'incoming', '5', 'ban'], {
      report: 'udp',
      keepsWriting: true,
      env: bound,
    }),
  ])

  assert.deepEqual([hanging.code, endless.code], [4, 0])
  assert.ok(hanging.seconds < 3 && endless.seconds < 3)
  assert.match(endless.stderr, /standard input did not end within 1 s/)
  const sent = server.bodies('/v1/events').find(body => body['victim_ip'] === '192.0.2.2')
  assert.deepEqual(
    [(sent?.['raw_details'] as Record<string, unknown>)['raw'], sent?.['vector']],
    ['udp', 'udp_flood'],
  )
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

test('settings come from the environment, then from the file, which is read and never executed', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, NO_SERVER)
  const touched = join(installation.folder, 'touched')
  const token = join(installation.folder, 'environment')
  const lines = [
    '# settings',
    'PATH=/nowhere',
    `  export PREFIXD_API="${server.api}/"\r`,
    `PREFIXD_OPERATOR=$(touch ${touched})`,
    "FLOODWARDEN_TOKEN='s3cret' ",
    'FLOODWARDEN_OPERATOR = x',
    `FLOODWARDEN_VECTORS=prefixd # or extended`,
    `touch ${touched}`,
    'FLOODWARDEN_RETRIES=many',
    'FLOODWARDEN_CONNECT_SECONDS=2',
  ]
  writeFileSync(token, lines.join('\n'))
  chmodSync(token, 0o644)
  const env = { FLOODWARDEN_API: '', PREFIXD_OPERATOR: 'night-shift' }

  const { code, stderr, log } = await installation.call(BAN, { report: REPORT, env })

  assert.equal(code, 0, stderr)
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer s3cret')
  assert.match(stderr, /environment has the token and is readable by everybody: chmod o-r it/)
  assert.match(stderr, /FLOODWARDEN_RETRIES is no number of seconds or times: 2 is taken instead/)
  assert.doesNotMatch(stderr + log, /s3cret/)
  assert.deepEqual(installation.leftovers(), [])
})

test('a token file wins over the token of prefixd, and is warned about only when others can read it', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const file = join(installation.folder, 'environment')
  writeFileSync(file, 's3cret\n')
  const env = {
    FLOODWARDEN_TOKEN_FILE: file,
    PREFIXD_TOKEN: 'old',
    FLOODWARDEN_ENVIRONMENT_FILE: '/dev/null',
  }

  chmodSync(file, 0o640)
  const quiet = await installation.call(BAN, { report: REPORT, env })
  chmodSync(file, 0o604)
  const warned = await installation.call(BAN, { report: REPORT, env })

  assert.equal(quiet.stderr, '')
  assert.match(warned.stderr, /has the token and is readable by everybody/)
  assert.deepEqual(
    new Set(server.requests.map(({ headers }) => headers.authorization)),
    new Set(['Bearer s3cret']),
  )
})

test('the token stands on no command line while curl runs', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const lines: string[] = []
  server.answer = () => {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      try {
        lines.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      } catch {
        // It ended meanwhile.
      }
    }
    return undefined
  }
  const installation = new Installation(t, server.api)

  await installation.call(BAN, { report: REPORT, env: { FLOODWARDEN_TOKEN: 'only-in-pipes' } })

  assert.ok(lines.some(line => line.startsWith('curl\0')))
  assert.ok(lines.every(line => !line.includes('only-in-pipes')))
})

test('what is wrong with the call or the settings is said, with status 2, and nothing is sent', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const hosts = [
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/33',
    '::1::',
    '1:2:3:4:5:6:7',
    'g::1',
    '::/129',
    '1.2.3.4\n5',
    '$(id)',
    '::1.2.3',
  ]
  const wrong: readonly (readonly [readonly string[], Record<string, string>])[] = [
    ...hosts.map(host => [[host, 'incoming', '5', 'ban'], {}] as const),
    [['192.0.2.1', 'in coming', '5', 'ban'], {}],
    [['192.0.2.1', 'incoming', '5', 'ban"'], {}],
    [['192.0.2.1', 'incoming', '5'], {}],
    [['--nonsense'], {}],
    [BAN, { FLOODWARDEN_API: 'file:///etc/passwd' }],
    [BAN, { FLOODWARDEN_API: 'http://user:password@127.0.0.1' }],
    [BAN, { FLOODWARDEN_TOKEN: 'two\nlines' }],
    [BAN, { FLOODWARDEN_VECTORS: 'ours' }],
  ]

  const ends = await Promise.all(wrong.map(([words, env]) => installation.call(words, { env, report: '' })))

  for (const [at, { code, stderr }] of ends.entries()) {
    assert.equal(code, 2, JSON.stringify(wrong[at]))
    assert.notEqual(stderr, '')
    assert.doesNotMatch(stderr, /password@/)
  }
  assert.equal(server.requests.length, 0)
})

test('addresses and prefixes are taken in every spelling', async t => {
  if (!mayRunProgram(t, CURL)) return
  const installation = new Installation(t, NO_SERVER)
  const hosts = [
    '0.0.0.0',
    '203.0.113.0/24',
    '::',
    '::1',
    '1::',
    '2001:0db8:0099::0001',
    'FE80::1:2:3:4:5:6',
    '::ffff:192.0.2.1',
    '2001:db8::/32',
    '1:2:3:4:5:6:7:8',
  ]

  const shells = shellsOf(t)

  const ends = await Promise.all(
    hosts.map((host, at) =>
      installation.call(['--dry-run', host, 'incoming', '5', 'ban'], {
        shell: shells[at % shells.length]!,
        report: '',
      }),
    ),
  )

  assert.deepEqual(
    ends.filter(({ code }) => code !== 0),
    [],
  )
})

test('a dry run prints the request without the token and sends nothing', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const env = { FLOODWARDEN_TOKEN: 's3cret' }

  const ban = await installation.call(['--dry-run', '--debug', ...BAN], { report: REPORT, env })
  const unban = await installation.call(['--dry-run', ...UNBAN], { env })

  assert.match(ban.stdout, /^POST http:\S+\/v1\/events\nAuthorization: Bearer \(not shown\)\n\{"event_id":/)
  assert.match(
    unban.stdout,
    /^GET \S+\/v1\/mitigations\?status=pending%2Cactive%2Cescalated&victim_ip=192.0.2.1&limit=1000\n/,
  )
  assert.doesNotMatch(ban.stdout + ban.stderr + unban.stdout, /s3cret/)
  assert.deepEqual([server.requests.length, installation.logged(), installation.spooled().length], [0, '', 0])
})

test('--debug tells each request without the token', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)

  const { stderr } = await installation.call(['--debug', ...BAN], {
    report: REPORT,
    env: { FLOODWARDEN_TOKEN: 's3cret' },
  })

  assert.match(stderr, /POST http:\S+\/v1\/events: 202/)
  assert.doesNotMatch(stderr, /s3cret/)
})

test('without a log file that can be written it tells syslog, and goes on', async t => {
  if (!mayRunProgram(t, CURL)) return
  const server = await new RecordingServer().start(t)
  const installation = new Installation(t, server.api)
  const applets = join(installation.folder, 'spool')
  await run(['mkdir', applets])
  writeFileSync(join(applets, 'logger'), `#!/bin/sh\necho "$@" >>${installation.environmentFile}\n`, {
    mode: 0o755,
  })

  const { code } = await installation.call(BAN, {
    report: REPORT,
    shell: { ...DASH, path: `${applets}:/usr/bin:/bin` },
    env: { FLOODWARDEN_EVENT_LOG: '/nowhere/event.log', FLOODWARDEN_SPOOL: 'off' },
  })

  assert.equal(code, 0)
  assert.match(
    readFileSync(installation.environmentFile, 'utf8'),
    /^-t floodwarden-event -p daemon.info info: ban 192.0.2.1/,
  )
})

test('--version is that of the package, --help names the exit statuses', async () => {
  const { version } = JSON.parse(readFileSync(join(SCRIPT, '../../package.json'), 'utf8')) as {
    version: string
  }

  const [shown, help] = [await run([SCRIPT, '--version']), await run([SCRIPT, '--help'])]

  assert.equal(shown.stdout, `floodwarden-event ${version}\n`)
  assert.match(help.stdout, /exit status: 0 done, 1 failed, 2 usage or settings, 3 refused/)
})

test('shellcheck finds nothing', async t => {
  if (!mayRunProgram(t, '/usr/bin/shellcheck')) return
  assert.equal((await run(['/usr/bin/shellcheck', SCRIPT])).stdout, '')
})
