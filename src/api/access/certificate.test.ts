import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { mayRunProgram } from '../../../test/may-run-programs.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { apiSchema } from '../config.ts'
import { fakeControl } from '../fake-control.ts'
import { serveHttp } from '../http-listener.ts'
import { accessForTests } from './access-for-tests.ts'
import { accessSchema } from './config.ts'

/** Makes keys with certificates in a folder: signed by `by`, or by themselves. */
function certify(folder: string, name: string, subject: string, by?: string) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const signer =
    by === undefined ? [] : ['-CA', join(folder, `${by}.crt`), '-CAkey', join(folder, `${by}.key`)]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const alternative = ['-addext', `subjectAltName=DNS:${subject},IP:127.0.0.1`]
  const args = ['req', '-x509', ...curve, '-subj', `/CN=${subject}`, ...alternative, ...signer]
  execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key, cert }
}

type Pair = ReturnType<typeof certify>

const ask = (port: number, path: string, ca: string, client?: Pair): Promise<number> =>
  new Promise((resolve, reject) => {
    const files = client && { key: readFileSync(client.key), cert: readFileSync(client.cert) }
    const options = { host: '127.0.0.1', port, path, ca: readFileSync(ca), agent: false, ...files }
    request(options, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })

async function serve(t: TestContext, folder: string, access: object) {
  const server = certify(folder, 'server', 'localhost')
  const authority = certify(folder, 'authority', 'Clients of ours')
  const config = accessSchema.parse({ mode: 'mtls', ...access })
  const { gate } = accessForTests(config)
  const tls = { certificate: server.cert, key: server.key, clientAuthority: authority.cert }
  const door = serveHttp({
    ...{ control: fakeControl(), access: gate, log: SILENT, listen: { host: '127.0.0.1', port: 0 } },
    config: apiSchema.parse({ tls }),
    callerOf: ({ identity }) => ({ uid: undefined, pid: undefined, identity }),
  })
  t.after(() => door.close())
  await door.tried
  assert.ok(door.port !== undefined, door.problem ?? 'no port')
  return { port: door.port, ca: server.cert }
}

test('a client is whom its certificate names, when our authority signed it', async t => {
  if (!mayRunProgram(t, '/usr/bin/openssl')) return
  const folder = temporaryFolder(t)
  const { port, ca } = await serve(t, folder, { certificates: [{ name: 'boss.example', role: 'admin' }] })
  const boss = certify(folder, 'boss', 'boss.example', 'authority')
  const other = certify(folder, 'other', 'other.example', 'authority')
  const forged = certify(folder, 'forged', 'boss.example')

  const status = '/api/v1/status'
  const verify = '/api/v1/audit/verify'
  assert.deepEqual(
    [
      await ask(port, verify, ca, boss),
      await ask(port, verify, ca, other),
      await ask(port, status, ca, other),
    ],
    [200, 403, 200],
  )
  assert.deepEqual([await ask(port, status, ca), await ask(port, status, ca, forged)], [401, 401])
})

test('certificates that are not named may be refused', async t => {
  if (!mayRunProgram(t, '/usr/bin/openssl')) return
  const folder = temporaryFolder(t)
  const { port, ca } = await serve(t, folder, {
    ...{ otherCertificates: 'refused', certificates: [{ name: 'boss.example', role: 'viewer' }] },
  })
  const boss = certify(folder, 'boss', 'boss.example', 'authority')
  const other = certify(folder, 'other', 'other.example', 'authority')

  assert.equal(await ask(port, '/api/v1/status', ca, boss), 200)
  assert.equal(await ask(port, '/api/v1/status', ca, other), 401)
})
