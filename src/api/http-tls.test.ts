import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { type Facts, SILENT } from '#lib/log/logger.ts'
import { authorityFor, type Certified } from '../../test/certificates.ts'
import { accessSchema } from './access/config.ts'
import { clientAt } from './contract/client.ts'
import { failureText } from './contract/failure-text.ts'
import { ROUTES } from './contract/routes.ts'
import { answerTo, serve } from './http-door-for-tests.ts'
import type { HttpDoor } from './http-listener.ts'

const HERE = 'IP:127.0.0.1,DNS:localhost'

const ask = (door: HttpDoor, authority: string | undefined, scheme = 'https', host = '127.0.0.1') =>
  clientAt({
    ...{ kind: 'url', url: `${scheme}://${host}:${door.port}` },
    ...(authority === undefined ? {} : { authority: readFileSync(authority, 'utf8') }),
  }).call(ROUTES.status, {})

/** The name in the certificate that is shown. */
const shown = (door: HttpDoor) =>
  new Promise<unknown>((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: '127.0.0.1', port: door.port, rejectUnauthorized: false },
      () => {
        resolve(socket.getPeerCertificate().subject.CN)
        socket.destroy()
      },
    )
    socket.on('error', reject)
  })

test('a client believes its authority and nobody else, and says what is wrong', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const door = await serve(t, { tls: authority.sign('server', HERE) })
  const other = await serve(t, { tls: authority.sign('server', 'DNS:elsewhere.example.org') })

  const ok = await ask(door, authority.certificate)
  const { headers } = await answerTo(door, authority)
  const wrong = await Promise.all([
    ask(door, undefined),
    ask(other, authority.certificate),
    ask(door, undefined, 'http'),
    ask(await serve(t), undefined),
  ])

  assert.equal(ok.kind, 'ok')
  assert.match(String(headers['strict-transport-security']), /^max-age=\d+$/)
  const words = wrong.map(reply => (reply.kind === 'failed' ? failureText(reply.failure) : 'ok'))
  assert.match(words[0] ?? '', /certificate .* not believed.*\n.*--ca-file/)
  assert.match(words[1] ?? '', /certificate .* not believed.*altnames.*\n.*name that stands in/)
  assert.match(words[2] ?? '', /broke.*\n.*https:/)
  assert.match(words[3] ?? '', /broke: it does not speak TLS\n.*http:/)
})

test('old versions of TLS are not spoken, and whoever never speaks is cut off', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const door = await serve(t, { tls: authority.sign('server', HERE), requestSeconds: 0.3 })
  const target = { host: '127.0.0.1', port: door.port, rejectUnauthorized: false }

  const old = new Promise(resolve =>
    connect({ ...target, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, () => resolve('spoken')).on(
      'error',
      () => resolve('refused'),
    ),
  )
  const { connect: plain } = await import('node:net')
  const mute = plain(door.port ?? 0, '127.0.0.1').resume()

  assert.equal(await old, 'refused')
  await new Promise(resolve => mute.on('error', () => {}).once('close', resolve))
})

test('by certificate alone: the named one has its role, an unnamed is what the settings say, none is nobody', async t => {
  const [authority, stranger] = [authorityFor(t), authorityFor(t)]
  if (authority === undefined || stranger === undefined) return
  const access = accessSchema.parse({
    ...{ mode: 'mtls', otherCertificates: 'refused' },
    certificates: [{ name: 'ann.example.org', role: 'viewer' }],
  })
  const tls = { ...authority.sign('server', HERE), clientAuthority: authority.certificate }
  const door = await serve(t, { access, tls })

  const statuses = await Promise.all(
    [
      authority.sign('laptop', 'DNS:ann.example.org'),
      authority.sign('bob.example.org'),
      stranger.sign('ann.example.org'),
      undefined,
    ].map(async own => (await answerTo(door, authority, own)).status),
  )

  assert.deepEqual(statuses, [200, 401, 401, 401])
  const own = authority.sign('ann.example.org')
  const verb = await clientAt({
    ...{ kind: 'url', url: `https://127.0.0.1:${door.port}` },
    authority: readFileSync(authority.certificate, 'utf8'),
    certified: { certificate: readFileSync(own.certificate, 'utf8'), key: readFileSync(own.key, 'utf8') },
  }).call(ROUTES.status, {})
  assert.equal(verb.kind, 'ok')
})

test('a new certificate is taken up, a broken one is told and the one before goes on', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const tls = authority.sign('first', HERE)
  const { door, said } = await talkative(t, tls)
  const put = ({ certificate, key }: Certified) => {
    copyFileSync(certificate, tls.certificate)
    copyFileSync(key, tls.key)
    door.lookAtCertificate()
  }

  put(authority.sign('second', HERE))
  const second = await shown(door)
  writeFileSync(tls.certificate, 'no certificate')
  door.lookAtCertificate()
  const broken = { name: await shown(door), problem: door.problem }
  put({ certificate: authority.sign('third', HERE).certificate, key: authority.sign('other').key })
  const mismatched = { name: await shown(door), problem: door.problem }
  put(authority.sign('fourth', HERE))

  assert.equal(second, 'second')
  assert.equal(broken.name, 'second')
  assert.match(broken.problem ?? '', /PEM|no start line/i)
  assert.equal(mismatched.name, 'second')
  assert.match(mismatched.problem ?? '', /mismatch/i)
  assert.deepEqual([await shown(door), door.problem], ['fourth', undefined])
  assert.equal(said.length, 2)
})

/** With what it says of errors. */
async function talkative(t: TestContext, tls: Certified) {
  const said: unknown[] = []
  const log = { ...SILENT, error: (message: string, facts?: Facts) => void said.push([message, facts]) }
  return { door: await serve(t, { tls, log }), said }
}
