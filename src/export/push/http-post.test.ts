import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { authorityFor } from '../../../test/certificates.ts'
import { HttpPost, saidText } from './http-post.ts'
import { postServer } from './http-server-for-tests.ts'

const NEVER = new AbortController().signal

test('a server with TLS is believed by the authority that is named, and by no other', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const { certificate, key } = authority.sign('numbers', 'IP:127.0.0.1')
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_, response) =>
    response.end('taken'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const known = new HttpPost({
    ...{ host: '127.0.0.1', port, tls: true },
    authority: readFileSync(authority.certificate, 'utf8'),
  })
  const unknown = new HttpPost({ host: '127.0.0.1', port, tls: true })
  t.after(() => {
    known.close()
    unknown.close()
    server.close()
  })

  const answer = await known.post('/', Buffer.from('x'), {}, NEVER)

  assert.deepEqual([answer.status, answer.text], [200, 'taken'])
  await assert.rejects(unknown.post('/', Buffer.from('x'), {}, NEVER), /certificate/)
})

test('no more of an answer is read than is wanted, and no redirect is followed', async t => {
  const { port, heard } = await postServer(t, response =>
    response.writeHead(302, { location: '/elsewhere', 'retry-after': '7' }).end('x'.repeat(1e6)),
  )
  const http = new HttpPost({ host: '127.0.0.1', port, tls: false })
  t.after(() => http.close())

  const answer = await http.post('/', Buffer.from('x'), {}, NEVER)

  assert.equal(answer.status, 302)
  assert.ok(answer.text.length < 100_000)
  assert.equal(answer.retryAfter, '7')
  assert.equal(heard.length, 1)
})

test('what a server says is one short line without our secrets', () => {
  assert.equal(saidText('bad\n\tkey k3y', ['k3y', undefined, '']), 'bad key ...')
  assert.equal(saidText('x'.repeat(900), []).length, 200)
})
