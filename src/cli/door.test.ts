import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { type DoorFlags, doorOf } from './door.ts'
import type { Io } from './io.ts'

const TOKEN = 'fwt_0123456789abcdef_secret'

const door = (flags: DoorFlags, environment: Io['environment'] = {}) =>
  doorOf({ environment: { HOME: '/home/ann', ...environment }, uid: 1000 } as unknown as Io, flags)

function tokenFile(t: TestContext, mode = 0o600, text = `${TOKEN}\n`): string {
  const file = join(temporaryFolder(t), 'token')
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

test('without a URL it is the daemon of this machine, and whoever names its state means it too', () => {
  assert.deepEqual(door({ state: '/x' }), { kind: 'socket', path: '/x/control.sock' })
  const elsewhere = { FLOODWARDEN_URL: 'https://fw.example.org' }
  assert.deepEqual(door({ state: '/x' }, elsewhere), { kind: 'socket', path: '/x/control.sock' })
  assert.deepEqual(door({}, elsewhere), { kind: 'url', url: 'https://fw.example.org' })
})

test('the token comes from a file of its owner, or from the environment', t => {
  const url = 'https://fw.example.org/fw/'
  const wanted = { kind: 'url', url: 'https://fw.example.org/fw', token: TOKEN }

  assert.deepEqual(door({ url, tokenFile: tokenFile(t) }), wanted)
  assert.deepEqual(door({ url }, { FLOODWARDEN_TOKEN: TOKEN }), wanted)
  assert.deepEqual(door({ url }, { FLOODWARDEN_TOKEN_FILE: tokenFile(t) }), wanted)
})

test('a token that others may read, or would read on the way, is not sent', t => {
  const tokenOf = (host: string, flags: DoorFlags = {}) =>
    door({ url: `http://${host}:8080`, ...flags }, { FLOODWARDEN_TOKEN: TOKEN })

  assert.throws(() => door({ url: 'https://x.org', tokenFile: tokenFile(t, 0o644) }), /chmod 600/)
  assert.throws(() => tokenOf('192.0.2.1'), /use https, or say --insecure/)
  assert.equal(tokenOf('192.0.2.1', { insecure: true }).kind, 'url')
  for (const host of ['127.0.0.1', '127.9.9.9', '[::1]', 'localhost']) assert.equal(tokenOf(host).kind, 'url')
})

test('what is no URL or no token is named, the token itself never', t => {
  assert.throws(() => door({ url: 'fw.example.org' }), /fw\.example\.org is no URL: expected https/)
  assert.throws(() => door({ url: 'ftp://fw.example.org' }), /is no URL/)
  assert.throws(
    () => door({ url: 'https://ann:pw@fw.example.org' }),
    (error: Error) => !/pw/.test(error.message),
  )
  const two = tokenFile(t, 0o600, 'one two')
  assert.throws(
    () => door({ url: 'https://x.org', tokenFile: two }),
    (error: Error) => /holds no token/.test(error.message) && !/one two/.test(error.message),
  )
  assert.throws(() => door({ url: 'https://x.org', tokenFile: '/nowhere/token' }), /the token cannot be read/)
  assert.throws(() => door({ url: 'https://x.org', caFile: '/nowhere/ca' }), /authority cannot be read/)
})

test('a client certificate comes with its key, which others may not read', t => {
  const url = 'https://fw.example.org'
  const [certFile, keyFile] = [tokenFile(t, 0o644, 'certificate'), tokenFile(t, 0o600, 'key')]
  const wanted = { kind: 'url', url, certified: { certificate: 'certificate', key: 'key' } }

  assert.deepEqual(door({ url, certFile, keyFile }), wanted)
  assert.deepEqual(door({ url, certFile }, { FLOODWARDEN_KEY_FILE: keyFile }), wanted)
  assert.throws(() => door({ url, certFile }), /needs both/)
  assert.throws(() => door({ url, certFile, keyFile: tokenFile(t, 0o640, 'key') }), /chmod 600/)
})
