import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type HeardPost, postServer } from '../push/http-server-for-tests.ts'
import { ClickhouseClient } from './client.ts'
import { clickhouseSchema } from './config.ts'
import type { Batch } from './rows.ts'
import { TABLES } from './tables.ts'

const NEVER = new AbortController().signal
const PASSWORD = 'pä&=? #%'

type Answer = readonly [status: number, text: string]
const OK: Answer = [200, '']

async function* batches(count: number): AsyncGenerator<Batch> {
  for (let at = 0; at < count; at++) yield { table: TABLES.system, text: `${at}\tx\tgauge\t1\n`, rows: 10 }
}

async function setUp(t: TestContext, answer: (query: string) => Answer, isAway = false) {
  const { port, heard } = await postServer(t, (response, { url }) => {
    const [status, text] = answer(url.searchParams.get('query') ?? '')
    response.writeHead(status).end(text)
  })
  const passwordFile = join(temporaryFolder(t), 'password')
  writeFileSync(passwordFile, `${PASSWORD}\n`)
  const config = clickhouseSchema.parse({ user: 'us er', passwordFile })
  const told: string[] = []
  const log = { ...SILENT, warn: (says: string) => void told.push(says) }
  const client = new ClickhouseClient({ host: '127.0.0.1', port: isAway ? 1 : port }, config, log)
  t.after(() => client.close())
  return { client, heard, told }
}

const queries = (heard: readonly HeardPost[]) => heard.map(({ url }) => url.searchParams.get('query') ?? '')

test('tables are made once, then rows are inserted, compressed, with the login in headers alone', async t => {
  const { client, heard, told } = await setUp(t, () => OK)

  const first = await client.push(batches(2), NEVER)
  const second = await client.push(batches(1), NEVER)

  assert.deepEqual(first, { lines: 20, failedLines: 0, error: undefined })
  assert.equal(second.lines, 10)
  const asked = queries(heard)
  assert.equal(asked[0], 'CREATE DATABASE IF NOT EXISTS fastnetmon')
  assert.equal(asked.filter(query => query.startsWith('CREATE TABLE IF NOT EXISTS fastnetmon.')).length, 8)
  assert.equal(asked.length, 1 + 8 + 3)
  const insert = heard.at(-1)
  assert.match(
    asked.at(-1) ?? '',
    /^INSERT INTO fastnetmon\.system_metrics \(metricDateTime, name, type, value\)/,
  )
  assert.equal(insert?.body, '0\tx\tgauge\t1\n')
  assert.equal(insert?.headers['x-clickhouse-user'], 'us er')
  assert.equal(Buffer.from(String(insert?.headers['x-clickhouse-key']), 'latin1').toString(), PASSWORD)
  assert.ok(!heard.some(({ url }) => decodeURIComponent(url.href).includes(PASSWORD)))
  assert.deepEqual(told, [])
})

test('a server that knows no TTL gets tables without one, and this is told once', async t => {
  const answer = (query: string): Answer =>
    query.includes(' TTL ') ? [400, 'Code: 62, e.displayText() = DB::Exception: Syntax error'] : OK
  const { client, heard, told } = await setUp(t, answer)

  const pushed = await client.push(batches(1), NEVER)

  assert.equal(pushed.lines, 10)
  assert.equal(told.length, 1)
  assert.equal(queries(heard).filter(query => query.includes(' TTL ')).length, 1)
})

test('a batch that is refused for itself is counted and the next one goes; a table that is gone is made again', async t => {
  let inserts = 0
  const answer = (query: string): Answer => {
    if (!query.startsWith('INSERT')) return OK
    inserts++
    if (inserts === 1) return [400, `Code: 27. DB::Exception: Cannot parse ${PASSWORD} input`]
    if (inserts === 2) return [404, "Code: 60, e.displayText() = DB::Exception: Table doesn't exist."]
    return inserts === 3 ? [200, 'Code: 999, late'] : OK
  }
  const { client, heard } = await setUp(t, answer)

  const pushed = await client.push(batches(4), NEVER)
  const creates = heard.length
  await client.push(batches(1), NEVER)

  assert.deepEqual([pushed.lines, pushed.failedLines], [10, 30])
  assert.match(pushed.error ?? '', /^answer 200 Code: 999/)
  assert.equal(heard.length - creates, 1 + 8 + 1)
})

test('a server that takes nothing, or is not there, ends the push, and its words hold no password', async t => {
  const busy = await setUp(t, query =>
    query.startsWith('INSERT') ? [500, `Code: 252. Too many parts (${PASSWORD})`] : OK,
  )
  const locked = await setUp(t, () => [401, 'Code: 193. Wrong password for user us er'])
  const away = await setUp(t, () => OK, true)

  const pushed = await busy.client.push(batches(3), NEVER)

  assert.deepEqual(pushed, { lines: 0, failedLines: 10, error: 'answer 500 Code: 252. Too many parts (...)' })
  assert.match(
    (await locked.client.push(batches(1), NEVER)).error ?? '',
    /^total_metrics: answer 401 Code: 193/,
  )
  assert.match((await away.client.push(batches(1), NEVER)).error ?? '', /ECONNREFUSED/)
})
