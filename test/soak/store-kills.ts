// The long form of test/integration/store-kills.test.ts: a hundred kills under load on each back end.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PostgresServer } from '../postgres-server.ts'
import { killUnderLoad } from '../store-kills/kills.ts'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '100' } } })
const kills = Number(values.kills)
const say = (line: string) => console.log(line)

const folders = ['sqlite', 'postgres'].map(name => mkdtempSync(join(tmpdir(), `floodwarden-kills-${name}-`)))
const [forFile = '', forDatabase = ''] = folders
const server = await PostgresServer.begin()
try {
  console.log('SQLite')
  await killUnderLoad({ directory: forFile, kills, say })
  if (server === undefined) throw new Error('PostgreSQL is not installed')
  console.log('PostgreSQL')
  const database = { server, url: await server.database() }
  await killUnderLoad({ directory: forDatabase, kills, database, say })
  console.log(`${kills * 2} passed, 0 failed`)
} finally {
  await server?.remove()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
