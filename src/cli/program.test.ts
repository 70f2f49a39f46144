import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Failure } from '#api/contract/client.ts'
import { EXAMPLE_REPORT, EXAMPLE_STATUS } from '#api/contract/examples.ts'
import type { LocalVerbs } from './local-verbs.ts'
import { run } from './run-for-tests.ts'

const ABSENT: Failure = { kind: 'absent', path: '/x/control.sock', cause: new Error('connect ENOENT') }

test('wrong usage ends with 2 and says what was expected', async () => {
  const cases: [string, RegExp][] = [
    ['', /Usage: floodwarden VERB/],
    ['fly', /unknown command 'fly'/],
    ['statsu', /Did you mean status\?/],
    ['status --jsn', /unknown option '--jsn'/],
    ['status extra', /too many arguments/],
    ['check', /missing required argument 'file'/],
    ['ban', /missing required argument 'ip'/],
    ['ban 10.0.0.0/8', /Expected an IPv4 or IPv6 address/],
    ['ban 10.0.0.1 --seconds -1', /Expected a whole number from 0 to 31536000/],
    ['top --sort name', /Allowed choices are packets, bytes, flows/],
    ['top --limit 0', /Expected a whole number from 1 to 1000/],
    ['run --metrics 9209', /Expected an address such as 127\.0\.0\.1:9209/],
    ['run --detection magic', /Allowed choices are budget, plain/],
    ['run eth0,', /"" is no interface name/],
    ['replay a.pcap --speed fast', /Expected full, recorded, or a number/],
    ['rule post rule.json', /give --ddps-url and --credentials/],
    ['distill', /missing required argument 'file'/],
    ['distill a.pcap --format xml', /Allowed choices are text, json, ddps/],
    ['distill a.pcap --router cisco', /Allowed choices are junos, ios-xr/],
    ['distill a.pcap --target nobody', /Expected an address such as/],
    ['distill a.pcap --action rate-limit', /--action rate-limit and --rate belong together/],
    ['distill a.pcap --rate 10mbit', /--action rate-limit and --rate belong together/],
    ['distill a.pcap --action rate-limit --rate 10', /Expected a rate above 0 with its unit/],
    ['distill a.pcap --services tcp/443-80', /Expected ports such as tcp\/443/],
    ['distill a.pcap --ddps-share 101', /Expected a percentage/],
  ]
  for (const [line, words] of cases) {
    const ran = await run(line)
    assert.equal(ran.code, 2, line)
    assert.match(ran.err, words, line)
    assert.equal(ran.out, '', line)
    assert.deepEqual(ran.asked, [], line)
  }
})

test('help and version end with 0, and every verb has help with an example', async () => {
  const verbs = 'run check replay top status attacks bans ban unban audit script-test doctor version'.split(
    ' ',
  )
  const help = await run('--help')

  assert.equal(help.code, 0)
  assert.match(help.out, /Exit codes: 0 ok, 1 refused or failed, 2 wrong usage/)
  for (const verb of verbs) {
    const ran = await run(`${verb} --help`)
    assert.equal(ran.code, 0, verb)
    assert.match(ran.out, new RegExp(`Examples:\\n  floodwarden ${verb}`), verb)
    assert.match(help.out, new RegExp(`^  ${verb} `, 'm'), verb)
  }
  assert.equal((await run('--version')).code, 0)
  assert.match((await run('version')).out, /^floodwarden \d+\.\d+\.\d+ \(Node \d+/)
})

test('local verbs get their options as plain values, with state and socket resolved', async () => {
  const ran = await run(
    'run eth1,eth2 --config a.yaml --state /tmp/s --metrics off --detection plain --debug',
  )
  const bare = await run('run')
  const replay = await run('replay a.pcap --speed 2.5 --json')
  const distill = await run(
    'distill - --action rate-limit --rate 8kbit --services tcp/80,udp/53-54 --ddps-share 15%',
  )

  assert.equal(ran.code, 0)
  assert.deepEqual(ran.asked, [
    {
      state: '/tmp/s',
      socket: '/tmp/s/control.sock',
      interfaces: ['eth1', 'eth2'],
      config: 'a.yaml',
      detection: 'plain',
      metrics: 'off',
      logFormat: undefined,
      logFile: undefined,
      logLevel: undefined,
      pidFile: undefined,
      onStop: undefined,
      daemonize: false,
      debug: true,
    },
  ])
  assert.deepEqual(bare.asked, [
    {
      state: '/home/ann/.local/state/floodwarden',
      socket: '/home/ann/.local/state/floodwarden/control.sock',
      interfaces: [],
      config: undefined,
      detection: undefined,
      metrics: undefined,
      logFormat: undefined,
      logFile: undefined,
      logLevel: undefined,
      pidFile: undefined,
      onStop: undefined,
      daemonize: false,
      debug: false,
    },
  ])
  assert.deepEqual(replay.asked, [
    {
      file: 'a.pcap',
      networks: undefined,
      config: undefined,
      detection: undefined,
      speed: 2.5,
      script: undefined,
      telemetry: false,
      rules: false,
      json: true,
      debug: false,
    },
  ])
  assert.partialDeepStrictEqual(distill.asked[0], {
    file: '-',
    rateBytesPerSecond: 1000,
    services: { tcp: [{ from: 80, to: 80 }], udp: [{ from: 53, to: 54 }] },
    ddpsValuesShare: 0.15,
    rulesMax: 3,
    mode: 'floodwarden',
    format: 'text',
  })
})

test('the exit code of a local verb is handed on; one that throws is told in a line, with causes in full on demand', async () => {
  const refuse = async () => 1
  const fail = async () => {
    throw new Error('cannot open a.pcap', { cause: new Error('permission denied') })
  }

  assert.equal((await run('check a.yaml', { verbs: { check: refuse } })).code, 1)
  const brief = await run('replay a.pcap', { verbs: { replay: fail } })
  const full = await run('replay a.pcap --debug', { verbs: { replay: fail } })

  assert.equal(brief.code, 1)
  assert.equal(brief.err, 'floodwarden: cannot open a.pcap: permission denied\n')
  assert.match(full.err, /caused by: Error: permission denied\n +at /)
})

test('check is given its configuration as an argument, or as run is', async () => {
  const asked: (string | undefined)[] = []
  const check: LocalVerbs['check'] = ({ file }) => {
    asked.push(file)
    return Promise.resolve(0)
  }

  await run('check /etc/prefixd', { verbs: { check } })
  await run('check --config /etc/prefixd', { verbs: { check } })
  const both = await run('check a.yaml --config /etc/prefixd', { verbs: { check } })

  assert.deepEqual(asked, ['/etc/prefixd', '/etc/prefixd'])
  assert.equal(both.code, 2)
})

test('facts are printed for people and, on demand, as JSON', async () => {
  const status = await run('status')
  const json = await run('status --json --state /tmp/s')

  assert.deepEqual(status.asked, ['/home/ann/.local/state/floodwarden/control.sock', {}])
  assert.equal(
    status.out,
    [
      'Floodwarden 0.1.0, up 2 h 11 min, process 4711',
      'mode      budget, dry run: nothing is carried out',
      'settings  /etc/floodwarden.yaml',
      'state     /var/lib/floodwarden',
      'networks  2',
      'received  1,208,345 packets, 12 dropped (0.001 %)',
      'hosts     512 counted, 0 evicted, 0 refused',
      'attacks   1 open',
      'warning   eth2 is down',
      '',
      'interface  worker  link    packets  dropped   share',
      'eth1            0  up    1,200,345        0     0 %',
      'eth2            1  down      8,000       12  0.15 %',
      '',
      'telemetry     worker  exporters  datagrams  dropped    records  lost datagrams  lost records',
      '0.0.0.0:2055       0          1     48,112        0  1,154,688               3             0',
      '',
      'enforcer       carries                    held is verified',
      'notify-script  script                     not verifiable',
      'gobgp          blackhole, divert, filter  yes',
      '  192.0.2.253  AS 65001, established      since 2026-11-20 08:00:04',
      '',
    ].join('\n'),
  )
  assert.equal(json.asked[0], '/tmp/s/control.sock')
  assert.deepEqual(JSON.parse(json.out), EXAMPLE_STATUS)
})

test('bans are set, listed and ended', async () => {
  const ban = await run('ban 2001:DB8::1 --seconds 600 --reason test')
  const bans = await run('bans')
  const unban = await run('unban 10.99.1.1')

  assert.deepEqual(ban.asked[1], { host: '2001:DB8::1', seconds: 600, reason: 'test' })
  assert.match(ban.out, /^10\.99\.1\.1 is banned until \d{4}-/)
  assert.match(bans.out, /^host +direction +peak +since +until +why\n10\.99\.1\.1 +incoming +40,117 pps /)
  assert.equal(unban.out, '10.99.1.1 is no longer banned.\n')
})

test('attacks tell why they are attacks and what was decided; one of them gives its report', async () => {
  const attacks = await run('attacks --which open')
  const report = await run('attacks mi7kq3l9-1')
  const audit = await run('audit')

  assert.deepEqual(attacks.asked[1], { state: 'open', limit: 100 })
  assert.match(attacks.out, /why: incoming packets at 34,434 packets\/s went over/)
  assert.match(attacks.out, /decision: dry run, nothing is done/)
  assert.match(attacks.out, /and 2 more\n$/)
  assert.deepEqual(JSON.parse(report.out), EXAMPLE_REPORT)
  assert.match(audit.out, /uid:1000 +withdraw +10\.99\.1\.1 +done/)
})

test('the audit is chosen from by what the words say, also as audit list', async () => {
  const plain = await run('audit')
  const chosen = await run(
    'audit list --who uid:1000 --outcome refused --since 2026-01-15T00:00:00Z --before 9',
  )
  const wrong = await run('audit --limit 0')

  assert.deepEqual(plain.asked[1], { limit: 100 })
  assert.deepEqual(chosen.asked[1], {
    ...{ limit: 100, who: 'uid:1000', outcome: 'refused', since: '2026-01-15T00:00:00Z', before: 9 },
  })
  assert.equal(wrong.code, 2)
})

test('what reads or replaces the whole state is handed on with its place and absolute paths', async () => {
  const place = {
    state: '/x',
    socket: '/x/control.sock',
    door: { kind: 'socket', path: '/x/control.sock' },
    debug: false,
  }

  const verify = await run('audit verify --state /x --json')
  const backup = await run('backup /b/a.gz --state /x --config /etc/f.yaml')
  const restore = await run('restore /b/a.gz --state /x --write-config /etc/new.yaml')
  const nothing = await run('backup')

  assert.deepEqual(verify.asked, [{ ...place, config: undefined, json: true }])
  assert.deepEqual(backup.asked, [{ ...place, file: '/b/a.gz', config: '/etc/f.yaml' }])
  assert.deepEqual(restore.asked, [
    { ...place, file: '/b/a.gz', config: undefined, writeConfig: '/etc/new.yaml' },
  ])
  assert.equal(nothing.code, 2)
})

test('without a daemon, without permission, or refused: 1, and what to do', async () => {
  const problem = {
    type: 'urn:floodwarden:error:outside-networks',
    title: 'The host does not belong to the networks that are watched.',
    status: 422,
    code: 'outside-networks',
    detail: '8.8.8.8 is in none of our 2 networks',
    means: 'Nothing is ever done to hosts that are not ours.',
    do: 'Check the address, or add its prefix to networks.',
  }
  const cases: [Failure, RegExp][] = [
    [ABSENT, /^floodwarden: no daemon answers on \/x\/control\.sock\nStart one with: floodwarden run\n/],
    [{ ...ABSENT, kind: 'forbidden' }, /^floodwarden: you may not open \/x\/control\.sock\n.*sudo/],
    [{ kind: 'silent', path: '/x', timeoutMs: 5000 }, /did not answer within 5 s/],
    [{ ...ABSENT, kind: 'broken' }, /broke: connect ENOENT/],
    [{ kind: 'garbled', path: '/x', status: 200, cause: new Error('bad') }, /of different versions/],
    [{ kind: 'refused', problem }, /networks that are watched: 8\.8\.8\.8 is in none.*\n.*Check the address/],
  ]
  for (const [failure, words] of cases) {
    const ran = await run('ban 8.8.8.8', { failure })
    assert.equal(ran.code, 1, failure.kind)
    assert.match(ran.err, words, failure.kind)
    assert.equal(ran.out, '')
  }
  assert.match((await run('status --debug', { failure: ABSENT })).err, /Error: connect ENOENT\n +at /)
})
