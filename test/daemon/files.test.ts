// What the daemon writes, read by the programs operators read it with: FastNetMon's client, tshark, logrotate.

import assert from 'node:assert/strict'
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bytes, ethernet, filled, ipv4, ipv6, udp } from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { PROTOCOL } from '#2-decode/frame/transport.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { headerOf, mailServer } from '#notify/email/mail-server-for-tests.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'
import { RECEIVER, VethPair } from '../veth-pair.ts'

const PAYLOAD_BYTES = 400
const floodTo = (port: number): Bytes[] => {
  const payload = udp(port, 80, filled(PAYLOAD_BYTES))
  return [
    ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: PROTOCOL.udp, payload })),
    ethernet(ETHER_TYPE.ipv6, ipv6({ next: PROTOCOL.udp, payload })),
  ]
}
const FRAMES = Array.from({ length: 25 }, (_, at) => floodTo(1000 + at))
  .flat()
  .map(frame => Uint8Array.from(frame))

/** A daemon that watches the pair, under a flood for as long as the test needs it. */
async function flooded(
  t: TestContext,
): Promise<{ daemon: RunningDaemon; folder: string; flood: () => Promise<void> }> {
  const folder = temporaryFolder(t)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.99.0.0/16, '2001:db8:99::/48']
capture: { interfaces: [${RECEIVER}], snapBytes: 96, workers: 1 }
metrics: { listen: off }
detection: { thresholds: { incoming: { packetsPerSecond: 100 }, outgoing: {} } }
evidence: { packets: 20, files: { directory: ${folder}/attacks, pcap: true } }
screen: { redrawSeconds: 0.2, files: { ipv4: ${folder}/v4.dat, ipv6: ${folder}/v6.dat } }
`,
  )
  const pair = new VethPair(t)
  const daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
    spawn: (argv, options: SpawnOptions) => spawn('ip', ['netns', 'exec', pair.receiving, ...argv], options),
  })
  const flood = async () => {
    for (let turn = 0; turn < 10; turn++) {
      pair.send(FRAMES)
      await sleep(50)
    }
  }
  return { daemon, folder, flood }
}

/** What the console client shows on a terminal of its own. */
async function clientShows(path: string, ...words: string[]): Promise<string> {
  const environment = { ...process.env, TERM: 'xterm', COLUMNS: '120', LINES: '60' }
  const command = `stty cols 120 rows 60; exec fastnetmon_client ${words.join(' ')}`
  const key = words.length === 0 ? 'cli_stats_file_path' : 'cli_stats_ipv6_file_path'
  const client = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...environment, cli_stats_file_path: path, [key]: path },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let shown = ''
  client.stdout.on('data', part => {
    shown += part
  })
  const ended = new Promise(resolve => client.on('close', resolve))
  await sleep(1500)
  client.stdin.write('q')
  setTimeout(() => client.kill('SIGKILL'), 3000).unref()
  await ended
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told besides text.
  return shown.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[()][AB0]/g, ' ')
}

test('under a flood the real console client shows hosts and bans, and the pcap is what was sent', async t => {
  if (!mayUseNamespaces(t)) return
  for (const program of ['/usr/bin/fastnetmon_client', '/usr/bin/tshark', '/usr/bin/capinfos']) {
    if (!mayRunProgram(t, program)) return
  }
  const { daemon, folder, flood } = await flooded(t)
  await using _ = daemon
  const attacks = join(folder, 'attacks')
  const pcaps = () => (existsSync(attacks) ? readdirSync(attacks).filter(name => name.endsWith('.pcap')) : [])

  for (let turn = 0; turn < 20 && pcaps().length < 2; turn++) await flood()
  const [v4, v6] = await Promise.all([
    clientShows(join(folder, 'v4.dat')),
    clientShows(join(folder, 'v6.dat'), '--ipv6'),
    flood(),
  ])

  assert.match(v4, /10\.99\.1\.250\s+\d+ pps\s+\d+ mbps\s+\d+ flows\s+\*banned\*/)
  assert.match(v4, /Ban list:\s+10\.99\.1\.250\/\d+ pps incoming at \d\d_\d\d_\d\d_\d\d:\d\d:\d\d/)
  assert.match(v6, /2001:0db8:0099::0099\/\d+ pps incoming at/)
  assert.equal(statSync(attacks).mode & 0o777, 0o750)
  const names = readdirSync(attacks)
  for (const host of ['10.99.1.250', '2001:db8:99::99']) {
    assert.ok(
      names.some(name => name.startsWith(`${host}_`) && name.endsWith('.txt')),
      names.join('\n'),
    )
  }
  for (const name of pcaps()) checkPcap(join(attacks, name), name.includes(':db8:') ? 6 : 4)
})

/** As tshark and capinfos see it: every record is one of the frames that were sent, cut at the snap length. */
function checkPcap(path: string, family: 4 | 6): void {
  const fields = [
    'frame.len',
    'frame.cap_len',
    'udp.srcport',
    'udp.dstport',
    family === 4 ? 'ip.dst' : 'ipv6.dst',
  ]
  const words = ['-r', path, '-T', 'fields', ...fields.flatMap(field => ['-e', field])]
  const read = execFileSync('tshark', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const rows = read
    .trim()
    .split('\n')
    .map(line => line.split('\t'))
  const headers = family === 4 ? 42 : 62
  const target = family === 4 ? '10.99.1.250' : '2001:db8:99::99'

  assert.equal(rows.length, 20)
  for (const [length, captured, source, port, host] of rows) {
    assert.deepEqual(
      [Number(length), Number(captured), port, host],
      [headers + PAYLOAD_BYTES, 96, '80', target],
    )
    assert.ok(Number(source) >= 1000 && Number(source) < 1025)
  }
  const facts = execFileSync('capinfos', ['-t', '-E', '-c', path], { encoding: 'utf8' })
  assert.match(facts, /File type:\s+Wireshark\/tcpdump\/\.\.\. - pcap\n/)
  assert.match(facts, /encapsulation:\s+Ethernet/)
  const file = readFileSync(path)
  const sent = FRAMES.map(frame => Buffer.from(frame).toString('hex'))
  for (let at = 24; at < file.length; at += 16 + 96) {
    const bytes = file.subarray(at + 16, at + 16 + 96).toString('hex')
    assert.ok(
      sent.some(frame => frame.startsWith(bytes)),
      bytes,
    )
  }
}

test('logrotate renames the log, SIGHUP reopens it, and the lines go on in the new file', async t => {
  if (!mayRunProgram(t, '/usr/sbin/logrotate')) return
  const folder = temporaryFolder(t)
  const [log, config, rules] = ['f.log', 'config.yaml', 'logrotate.conf'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(config, 'networks: [192.0.2.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\n')
  const words = ['run', '--config', config, '--state', join(folder, 'state'), '--log-format', 'fastnetmon']
  const daemon = spawn(FLOODWARDEN, [...words, '--log-file', log], { stdio: 'ignore' })
  t.after(() => daemon.kill('SIGKILL'))
  const ended = new Promise(resolve => daemon.on('close', resolve))
  const says = async (path: string, what: RegExp) => {
    await until(() => existsSync(path) && what.test(readFileSync(path, 'utf8')), `${what} in ${path}`)
    assert.match(readFileSync(path, 'utf8'), what)
  }
  await says(log, /\[INFO\] ready/)
  const who = statSync(folder).uid === 0 ? 'su root root\n' : ''
  writeFileSync(rules, `${who}${log} {\n rotate 2\n postrotate\n kill -HUP ${daemon.pid}\n endscript\n}\n`, {
    mode: 0o600,
  })

  execFileSync('/usr/sbin/logrotate', ['--force', '--state', join(folder, 'status'), rules])
  await says(log, /log reopened/)
  daemon.kill('SIGTERM')
  await ended

  assert.match(readFileSync(`${log}.1`, 'utf8'), /\[INFO\] ready[^\n]*\n$/)
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  assert.match(lines.at(-1) ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[INFO\] ended /)
})

test('reload reopens a renamed log as SIGHUP does, also when the configuration is refused', async t => {
  const folder = temporaryFolder(t)
  const [log, config] = [join(folder, 'f.log'), join(folder, 'config.yaml')]
  const good = 'networks: [192.0.2.0/24]\ncapture: { method: off }\nmetrics: { listen: off }\n'
  writeFileSync(config, good)
  const state = join(folder, 'state')
  const words = ['run', '--config', config, '--state', state, '--log-format', 'json', '--log-file', log]
  const daemon = spawn(FLOODWARDEN, words, { stdio: 'ignore' })
  t.after(() => daemon.kill('SIGKILL'))
  await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('"message":"ready"'))
  const reload = () => run([FLOODWARDEN, 'reload', '--state', state])

  renameSync(log, `${log}.1`)
  const applied = await reload()
  await until(() => /configuration reloaded/.test(readFileSync(log, 'utf8')))
  renameSync(log, `${log}.2`)
  writeFileSync(config, `${good}nonsense: 1\n`)
  const refused = await reload()
  await until(() => /the configuration is refused/.test(readFileSync(log, 'utf8')))

  assert.deepEqual([applied.code, refused.code], [0, 1])
  const messages = (path: string) =>
    [...readFileSync(path, 'utf8').matchAll(/"message":"([^"]+)"/g)].map(([, message]) => message)
  assert.deepEqual(messages(`${log}.2`), ['log reopened', 'configuration reloaded'])
  assert.equal(messages(`${log}.1`).at(-1), 'ready')
})

test('a mail outlives kill -9 of the daemon that made it, and comes from the next', async t => {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
notify: { email: { server: '127.0.0.1:${port}', tls: off, from: guard@example.net, to: [noc@example.net] } }
`,
  )
  const plan = { state: join(folder, 'state'), words: ['--config', config] }
  const mails = join(plan.state, 'mail')
  const kept = () => (existsSync(mails) ? readdirSync(mails).filter(name => name.endsWith('.json')) : [])
  await using killed = await RunningDaemon.start(plan)
  await killed.call(ROUTES.ban, { host: '192.0.2.1' })
  await until(() => kept().length === 1)
  await killed.stop('SIGKILL')
  assert.equal(kept().length, 1)

  const server = await mailServer(t, { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] }, port)
  await using _next = await RunningDaemon.start(plan)
  await until(() => server.taken.length === 1 && kept().length === 0)

  const [message = ''] = server.taken
  assert.match(
    headerOf(message, 'Subject') ?? '',
    /^Floodwarden: IP 192\.0\.2\.1 not blocked, asked for by hand$/,
  )
  assert.match(headerOf(message, 'Message-ID') ?? '', /^<\S+\.opened@example\.net>$/)
})
