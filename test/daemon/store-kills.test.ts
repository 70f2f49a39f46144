// kill -9 at any instant loses no acknowledged event and no mitigation: ten times under load on each back end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresFor } from '../postgres-server.ts'
import { killUnderLoad } from '../store-kills/kills.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const KILLS = 10

test('a writer that is killed loses nothing that was acknowledged: SQLite', { timeout: 240_000 }, async t => {
  const directory = temporaryFolder(t)

  const { events, mitigations } = await killUnderLoad({ directory, kills: KILLS })

  assert.ok(events > 100 && mitigations > 20, `${events} events, ${mitigations} mitigations`)
})

test('a writer, or the server under it, that is killed loses nothing that was acknowledged: PostgreSQL', {
  timeout: 240_000,
}, async t => {
  const server = await postgresFor(t)
  if (server === undefined) return
  const directory = temporaryFolder(t)
  const database = { server, url: await server.database() }

  const { events, mitigations } = await killUnderLoad({ directory, kills: KILLS, database })

  assert.ok(events > 100 && mitigations > 20, `${events} events, ${mitigations} mitigations`)
})
