// How bin/floodwarden-event is set and called: environment, token, arguments, what it prints.

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
const NO_SERVER = 'http://127.0.0.1:1'

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

  writeFileSync(file, '# no token is here\n')
  const elsewhere = await installation.call(BAN, { report: REPORT, env: { FLOODWARDEN_TOKEN: 's3cret' } })

  assert.equal(quiet.stderr + elsewhere.stderr, '')
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
