// The long form of test/daemon/store-kills.test.ts: a hundred kills under load on each back end.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PostgresServer } from '../postgres-server.ts'
import { killUnderLoad } from '../store-kills/kills.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '100' }, 'back-end': { type: 'string', default: 'both' } },
})
const kills = Number(values.kills)
const say = (line: string) => console.log(line)
let passed = 0

if (values['back-end'] !== 'postgres') await killFile()
if (values['back-end'] !== 'sqlite') await killDatabase()
console.log(`${passed} passed, 0 failed`)

async function killFile(): Promise<void> {
  console.log('SQLite')
  await inFolder(directory => killUnderLoad({ directory, kills, say }))
}

async function killDatabase(): Promise<void> {
  console.log('PostgreSQL')
  const server = await PostgresServer.begin()
  if (server === undefined) throw new Error('PostgreSQL is not installed')
  try {
    const database = { server, url: await server.database() }
    await inFolder(directory => killUnderLoad({ directory, kills, database, say }))
  } finally {
    await server.remove()
  }
}

async function inFolder(act: (directory: string) => Promise<unknown>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'floodwarden-kills-'))
  try {
    await act(directory)
    passed += kills
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
