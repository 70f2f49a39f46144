import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { authorityFor } from '../../../test/certificates.ts'
import { answerTo, serve } from '../http-door-for-tests.ts'
import { accessSchema } from './config.ts'

/** A door of which clients show certificates that `clients` signed. */
async function setUp(t: TestContext, settings: object) {
  const [server, clients] = [authorityFor(t), authorityFor(t)]
  if (server === undefined || clients === undefined) return undefined
  const tls = { ...server.sign('localhost', 'IP:127.0.0.1'), clientAuthority: clients.certificate }
  const access = accessSchema.parse({ mode: 'mtls', ...settings })
  const door = await serve(t, { tls, access })
  const statusOf = async (path: string, own?: Parameters<typeof answerTo>[2]) =>
    (await answerTo(door, server, own, path)).status
  return { clients, statusOf }
}

test('a client is whom its certificate names, when our authority signed it', async t => {
  const made = await setUp(t, { certificates: [{ name: 'boss.example', role: 'admin' }] })
  const stranger = authorityFor(t)
  if (made === undefined || stranger === undefined) return
  const { clients, statusOf } = made
  const boss = clients.sign('boss.example')
  const other = clients.sign('other.example')
  const forged = stranger.sign('boss.example')

  const status = '/api/v1/status'
  const verify = '/api/v1/audit/verify'
  assert.deepEqual(
    [await statusOf(verify, boss), await statusOf(verify, other), await statusOf(status, other)],
    [200, 403, 200],
  )
  assert.deepEqual([await statusOf(status), await statusOf(status, forged)], [401, 401])
})

test('certificates that are not named may be refused', async t => {
  const made = await setUp(t, {
    ...{ otherCertificates: 'refused', certificates: [{ name: 'boss.example', role: 'viewer' }] },
  })
  if (made === undefined) return
  const { clients, statusOf } = made

  assert.equal(await statusOf('/api/v1/status', clients.sign('boss.example')), 200)
  assert.equal(await statusOf('/api/v1/status', clients.sign('other.example')), 401)
})
