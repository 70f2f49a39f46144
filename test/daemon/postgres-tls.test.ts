// PostgreSQL over TCP: a password over TLS with a certificate that is checked, and what is said when one of them is wrong.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStateDatabase } from '#store/state-database.ts'
import { attack, CLOCKS } from '#store/state-fixtures-for-tests.ts'
import { freePort } from '../../lab/free-port.ts'
import { postgresFor } from '../postgres-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const SECRET = 'correct-horse'

test('a password goes over TLS to a server whose certificate is checked, and is told in no error', {
  timeout: 240_000,
}, async t => {
  const port = await freePort()
  const server = await postgresFor(t, port)
  if (server === undefined) return
  const directory = temporaryFolder(t)
  const [key, certificate] = [join(directory, 'server.key'), join(directory, 'server.crt')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    ],
    { stdio: 'pipe' },
  )
  await server.query('postgres', `create role ann login password '${SECRET}'`)
  await server.query('postgres', 'create database ann owner ann')
  await server.query('postgres', 'alter system set ssl = on')
  server.configure('server.key', readFileSync(key))
  server.configure('server.crt', readFileSync(certificate))
  server.configure('pg_hba.conf', 'local all all trust\nhostssl all ann 127.0.0.1/32 scram-sha-256\n')
  await server.stop()
  await server.start()
  const urlFile = join(directory, 'url')
  const open = async (password: string, ending: string) => {
    writeFileSync(urlFile, `postgresql://ann:${password}@localhost:${port}/ann${ending}\n`, { mode: 0o600 })
    const state = await openStateDatabase({ directory, postgres: { urlFile }, clocks: () => CLOCKS })
    t.after(() => state.file.close())
    return state
  }
  const checked = `?sslmode=verify-full&sslrootcert=${encodeURIComponent(certificate)}`

  const { file } = await open(SECRET, checked)
  await file.write([attack('a')])
  await file.close()

  assert.equal((await open(SECRET, checked)).kept.attacks.length, 1)
  for (const [password, ending, problem] of [
    ['wrong-horse', checked, /password authentication failed for user "ann"/],
    [SECRET, '?sslmode=verify-full', /self-signed certificate/],
    [SECRET, '?sslmode=disable', /no pg_hba.conf entry/],
  ] as const) {
    await assert.rejects(open(password, ending), (error: unknown) => {
      assert.ok(error instanceof Error)
      assert.match(error.message, problem)
      assert.doesNotMatch(error.message, new RegExp(password))
      return true
    })
  }
})
