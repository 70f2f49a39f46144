// Lines of the log as a real syslog daemon understands them: over its socket, and over UDP in both forms.

import assert from 'node:assert/strict'
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

/** A message as rsyslog has taken it apart. */
const messageSchema = z.strictObject({
  input: z.string(),
  at: z.string(),
  host: z.string(),
  program: z.string(),
  process: z.string(),
  facility: z.string(),
  severity: z.string(),
  version: z.string(),
  text: z.string(),
})
type Message = z.infer<typeof messageSchema>

const FIELDS = {
  input: 'inputname',
  at: 'timereported" dateFormat="rfc3339',
  host: 'hostname',
  program: 'programname',
  process: 'procid',
  facility: 'syslogfacility-text',
  severity: 'syslogseverity-text',
  version: 'protocol-version',
  text: 'msg',
}

const rsyslogConfig = (folder: string, port: number): string => `
global(workDirectory="${folder}")
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
input(type="imuxsock" Socket="${folder}/socket" UsePIDFromSystem="off")
input(type="imudp" address="127.0.0.1" port="${port}")
template(name="parts" type="list" option.jsonf="on") {
${Object.entries(FIELDS)
  .map(([name, property]) => `  property(outname="${name}" name="${property}" format="jsonf")`)
  .join('\n')}
}
action(type="omfile" file="${folder}/messages" template="parts")
`

/** A syslog daemon with its own socket and port, ended with the test. */
async function startRsyslog(t: TestContext, folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'rsyslog.conf')
  writeFileSync(file, rsyslogConfig(folder, port))
  const daemon = spawn('/usr/sbin/rsyslogd', ['-n', '-f', file, '-i', join(folder, 'pid')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  daemon.stderr?.on('data', part => (said += part))
  t.after(async () => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return
    daemon.kill('SIGKILL')
    await once(daemon, 'close')
  })
  for (let tries = 0; !existsSync(join(folder, 'socket')); tries++) {
    assert.ok(tries < 200 && daemon.exitCode === null, `rsyslogd does not start: ${said}`)
    await sleep(25)
  }
  return daemon
}

/** The program sees this socket as /dev/log: its /dev is one of its own, and goes with it. */
const WITH_OWN_LOG = `set -e
mount -t tmpfs none "$1/dev"
for node in null zero full random urandom tty; do : >"$1/dev/$node"; mount --bind "/dev/$node" "$1/dev/$node"; done
ln -s /proc/self/fd "$1/dev/fd"
mkdir "$1/dev/shm"
ln -s "$1/socket" "$1/dev/log"
mount --rbind "$1/dev" /dev
shift
exec "$@"`

async function messagesOf(folder: string, input: string, enough: (found: readonly Message[]) => boolean) {
  const read = () => {
    const path = join(folder, 'messages')
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []
    return lines
      .filter(line => line.endsWith('}'))
      .map(line => messageSchema.parse(JSON.parse(line)))
      .filter(message => message.input === input)
  }
  await until(() => enough(read()))
  return read()
}

const planOf = (folder: string, syslog: string): { state: string; words: string[] } => {
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
log: { syslog: ${syslog} }
`,
  )
  return { state: join(folder, 'state'), words: ['--config', config] }
}

const SEVERITY_OF: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'err',
}

const hasEnded = (found: readonly Message[]) => found.some(({ text }) => /^ ?ended( |$)/.test(text))

test('the local syslog gets each line with its level, name, process and time', async t => {
  if (!(await mayRunPrograms(t, ['rsyslogd', 'unshare']))) return
  const folder = temporaryFolder(t)
  await startRsyslog(t, folder, await freePort())
  mkdirSync(join(folder, 'dev'))
  const inOwnMounts = (argv: readonly string[], options: SpawnOptions) =>
    spawn('unshare', ['-m', 'sh', '-c', WITH_OWN_LOG, 'sh', folder, ...argv], options)

  await using daemon = await RunningDaemon.start({
    ...planOf(folder, '{ local: true, ident: guard, facility: local3 }'),
    spawn: inOwnMounts,
  })
  await daemon.ask(['ban', '192.0.2.1', '--reason', 'a "quoted" word, and ä'])
  await daemon.stop()
  const found = await messagesOf(folder, 'imuxsock', hasEnded)

  assert.equal(found.length, daemon.log.length)
  const opened = found.find(({ text }) => /attack opened/.test(text))
  assert.ok(opened !== undefined)
  assert.deepEqual(
    [opened.program, opened.facility, opened.severity, opened.host],
    ['guard', 'local3', 'info', hostname()],
  )
  assert.match(opened.text, /attack opened attack=\S+ host=192\.0\.2\.1 /)
  assert.equal(new Set(found.map(each => each.process)).size, 1)
  assert.ok(Math.abs(Date.parse(opened.at) - Date.now()) < 60_000, opened.at)
  assert.deepEqual(
    found.map(({ severity }) => severity),
    daemon.log.map(({ level }) => SEVERITY_OF[level]),
  )
})

for (const [form, version] of [
  ['rfc5424', '1'],
  ['rfc3164', '0'],
] as const) {
  test(`over UDP a syslog daemon reads each line in the form of ${form}`, async t => {
    if (!(await mayRunPrograms(t, ['rsyslogd']))) return
    const folder = temporaryFolder(t)
    const port = await freePort()
    await startRsyslog(t, folder, port)

    await using daemon = await RunningDaemon.start(
      planOf(folder, `{ remote: '127.0.0.1:${port}', remoteForm: ${form}, ident: guard }`),
    )
    await daemon.ask(['ban', '192.0.2.1'])
    await daemon.stop()
    const found = await messagesOf(folder, 'imudp', hasEnded)

    assert.equal(found.length, daemon.log.length)
    const opened = found.find(({ text }) => /attack opened/.test(text))
    assert.ok(opened !== undefined)
    assert.deepEqual(
      [opened.program, opened.facility, opened.severity, opened.host, opened.process, opened.version],
      ['guard', 'user', 'info', hostname(), String(daemon.pid), version],
    )
    assert.match(opened.text, /attack opened attack=\S+ host=192\.0\.2\.1 /)
    assert.ok(Math.abs(Date.parse(opened.at) - Date.now()) < 60_000, opened.at)
  })
}
