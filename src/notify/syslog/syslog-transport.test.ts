import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { freePort } from '../../../lab/free-port.ts'
import { authorityFor } from '../../../test/certificates.ts'
import { sendSyslog } from './syslog-transport.ts'

test('over TLS a message arrives whole, with its length in front, at a server that is vouched for', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const { certificate, key } = authority.sign('logs', 'IP:127.0.0.1')
  const heard: string[] = []
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, async socket => {
    heard.push(Buffer.concat(await Array.fromAsync(socket)).toString())
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const to = { server: { host: '127.0.0.1', port }, transport: 'tls', timeoutMs: 5000 } as const

  const strange = await sendSyslog(Buffer.from('<131>1 - …'), { ...to, caFile: undefined })
  const taken = await sendSyslog(Buffer.from('<131>1 - …'), { ...to, caFile: authority.certificate })

  assert.equal(strange.kind, 'later')
  assert.deepEqual(taken, { kind: 'taken' })
  assert.deepEqual(
    heard.filter(text => text !== ''),
    ['12 <131>1 - …'],
  )
})

test('nobody there, and a file that is missing, are failures that are tried again', async () => {
  const server = { host: '127.0.0.1', port: await freePort() }
  const to = { server, caFile: undefined, timeoutMs: 2000 } as const
  const nobody = await sendSyslog(Buffer.from('x'), { ...to, transport: 'tcp' })
  const noFile = await sendSyslog(Buffer.from('x'), { ...to, transport: 'tls', caFile: '/nonexistent' })

  assert.deepEqual(nobody, { kind: 'later', error: `127.0.0.1:${server.port}: ECONNREFUSED` })
  assert.deepEqual(noFile, { kind: 'later', error: `127.0.0.1:${server.port}: ENOENT` })
})
