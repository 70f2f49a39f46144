// Messages of the syslog, and lines that really arrive.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { loggerOn } from './open-log.ts'
import { syslogMessage } from './syslog-line.ts'
import { openSyslogs } from './syslog-output.ts'

const SENDER = { facility: 'user', ident: 'fastnetmon', processId: 42, hostname: 'edge1' } as const
const AT = new Date(2026, 10, 5, 10, 1, 9, 533).getTime()
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('a message has the head of its form', () => {
  const told = (['local', 'rfc3164', 'rfc5424'] as const).map(form =>
    textOf(syslogMessage(form, AT, 'warn', 'it is down', SENDER)),
  )

  assert.deepEqual(told, [
    '<12>Nov  5 10:01:09 fastnetmon[42]: it is down',
    '<12>Nov  5 10:01:09 edge1 fastnetmon[42]: it is down',
    `<12>1 ${new Date(AT).toISOString()} edge1 fastnetmon 42 - - it is down`,
  ])
})

test('a message that is too long is cut between characters', () => {
  for (let pad = 0; pad < 4; pad++) {
    const bytes = syslogMessage('rfc5424', AT, 'info', 'x'.repeat(pad) + '€'.repeat(2000), SENDER)

    assert.equal(bytes.length <= 2048 && bytes.length > 2040, true)
    assert.equal(new TextDecoder('utf-8', { fatal: true }).decode(bytes).endsWith('€'), true)
  }
})

test('lines arrive over UDP, and nobody at the local socket is counted', async t => {
  const receiver = createSocket('udp4')
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.after(() => receiver.close())
  const arrived = once(receiver, 'message')
  const syslogs = openSyslogs(
    {
      local: true,
      remote: `127.0.0.1:${receiver.address().port}`,
      remoteForm: 'rfc3164',
      ident: 'fastnetmon',
      facility: 'user',
    },
    '/nonexistent/log',
  )
  const log = loggerOn({ write() {} }, { level: 'info', format: 'json' }, () => AT, syslogs)

  log.error('attack opened', { host: '10.99.1.1' })

  const [message] = await arrived
  assert.match(
    String(message),
    /^<11>Nov {2}5 10:01:09 \S+ fastnetmon\[\d+\]: attack opened host=10\.99\.1\.1$/,
  )
  assert.deepEqual(
    syslogs.map(({ name, dropped }) => [name, dropped]),
    [
      ['syslog', 1],
      ['remote-syslog', 0],
    ],
  )
  for (const syslog of syslogs) syslog.close()
})
