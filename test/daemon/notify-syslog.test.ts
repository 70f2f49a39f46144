// Notices as a real syslog daemon understands them: over UDP, TCP and TLS.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { notice } from '#notify/notice/notices-for-tests.ts'
import { spokenOf } from '#notify/notice/spoken.ts'
import { wordsFor } from '#notify/notice/words.ts'
import { BYTES_MAX, syslogNotice } from '#notify/syslog/syslog-message.ts'
import { sendSyslog } from '#notify/syslog/syslog-transport.ts'
import { freePort } from '../../lab/free-port.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

const configOf = (folder: string, ports: Record<'udp' | 'tcp', number>): string => `
global(workDirectory="${folder}")
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${folder}/socket")
input(type="imudp" address="127.0.0.1" port="${ports.udp}" name="udp")
input(type="imtcp" address="127.0.0.1" port="${ports.tcp}" name="tcp")
template(name="parts" type="list" option.jsonf="on") {
  property(outname="input" name="inputname" format="jsonf")
  property(outname="version" name="protocol-version" format="jsonf")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
action(type="omfile" file="${folder}/messages" template="parts")
`

async function rsyslog(t: TestContext) {
  const folder = temporaryFolder(t)
  const ports = { udp: await freePort(), tcp: await freePort() }
  const file = join(folder, 'rsyslog.conf')
  writeFileSync(file, configOf(folder, ports))
  const daemon = spawn('/usr/sbin/rsyslogd', ['-n', '-f', file, '-i', join(folder, 'pid')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  daemon.stderr?.on('data', part => (said += part))
  t.after(async () => {
    daemon.kill('SIGKILL')
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'close')
  })
  await until(() => existsSync(join(folder, 'socket')), `rsyslogd: ${said}`)
  const messages = async (many: number) => {
    const read = () =>
      existsSync(join(folder, 'messages'))
        ? readFileSync(join(folder, 'messages'), 'utf8').trimEnd().split('\n')
        : []
    await until(() => read().length >= many, `${many} messages`)
    return read().map(line => JSON.parse(line) as Record<string, string>)
  }
  return { ports, messages }
}

const NAME = 'Acme "quoted" ]bracket\\ München'

function message(transport: 'udp' | 'tcp') {
  const told = { ...notice('opened', { customer: NAME }), id: `n-${transport}` }
  const from = { facility: 'local3', hostname: 'edge1', processId: 7, enterprise: 32_473 } as const
  const bytesMax = transport === 'udp' ? BYTES_MAX.udp : BYTES_MAX.stream
  return syslogNotice(told, spokenOf(told, wordsFor(told), undefined), from, bytesMax)
}

test('rsyslog takes notices over UDP and TCP, and takes their data apart', async t => {
  if (!mayRunProgram(t, '/usr/sbin/rsyslogd')) return
  const { ports, messages } = await rsyslog(t)
  const transports = ['udp', 'tcp'] as const

  const sent = []
  for (const transport of transports)
    sent.push(
      await sendSyslog(message(transport), {
        ...{
          server: { host: '127.0.0.1', port: ports[transport] },
          transport,
          caFile: undefined,
          timeoutMs: 5000,
        },
      }),
    )
  const heard = await messages(transports.length)

  assert.deepEqual(sent, [{ kind: 'taken' }, { kind: 'taken' }])
  assert.deepEqual(heard.map(({ input }) => input).sort(), ['tcp', 'udp'])
  for (const { version, program, id, severity, facility, data = '', text = '' } of heard) {
    assert.deepEqual(
      [version, program, id, severity, facility],
      ['1', 'floodwarden', 'opened', 'err', 'local3'],
    )
    assert.match(data, /^\[floodwarden@32473 .*customer="Acme \\"quoted\\" \\\]bracket\\\\ München".*\]$/)
    assert.match(text, /Attack on 192\.0\.2\.1/)
  }
})
