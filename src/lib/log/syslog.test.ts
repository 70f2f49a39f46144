// Messages of the syslog, and lines that really arrive.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bind, must, socket } from '#lib/linux/libc.ts'
import { AF_UNIX, encodeUnixAddress } from '#lib/linux/unix-address.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { logSchema } from './config.ts'
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
  await Promise.all(syslogs.map(syslog => syslog.close()))
})

test('what was written last has left when the syslog is closed', async t => {
  const receiver = createSocket('udp4')
  t.after(() => receiver.close())
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const heard: string[] = []
  receiver.on('message', message => heard.push(String(message).replace(/^.*: /, '')))
  const config = { local: false, remote: `127.0.0.1:${receiver.address().port}`, remoteForm: 'rfc3164' }
  const [syslog] = openSyslogs(logSchema.parse({ syslog: config }).syslog)
  assert.ok(syslog)

  for (let at = 0; at < 20; at++) syslog.write(AT, 'info', `line ${at}`)
  await syslog.close()
  for (let tries = 0; tries < 100 && heard.length < 20; tries++) await new Promise(setImmediate)

  assert.equal(heard.at(-1), 'line 19')
  assert.equal(syslog.dropped, 0)
})

test('the local syslog gets a datagram for each line, and what does not fit is dropped without waiting', async t => {
  const path = join(temporaryFolder(t), 'log')
  const address = encodeUnixAddress(path)
  assert.ok(address)
  const receiver = must(socket(AF_UNIX, 2, 0), 'socket')
  t.after(() => closeSync(receiver))
  must(bind(receiver, address, address.length), 'bind')
  const config = {
    local: true,
    remote: 'off',
    remoteForm: 'rfc3164',
    ident: 'fastnetmon',
    facility: 'local3',
  }
  const [syslog] = openSyslogs(logSchema.parse({ syslog: config }).syslog, path)
  assert.ok(syslog)

  for (let at = 0; at < 5000; at++) syslog.write(AT, 'info', `line ${at}\n`)

  const bytes = Buffer.alloc(1000)
  const text = bytes.toString('utf8', 0, readSync(receiver, bytes))
  assert.equal(text, `<158>Nov  5 10:01:09 fastnetmon[${process.pid}]: line 0`)
  assert.ok(syslog.dropped > 0 && syslog.dropped < 5000)
  await syslog.close()
})
