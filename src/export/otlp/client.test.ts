import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { postServer } from '../push/http-server-for-tests.ts'
import { OtlpClient } from './client.ts'
import { otlpSchema } from './config.ts'

const NEVER = new AbortController().signal
const BATCHES = [1, 2, 3].map(at => ({ text: `{"at":${at}}`, points: 100 }))

async function setUp(
  t: TestContext,
  answer: (response: ServerResponse, at: number) => void,
  headers?: string,
) {
  const { port, heard } = await postServer(t, response => answer(response, heard.length))
  const headersFile = join(temporaryFolder(t), 'headers')
  if (headers !== undefined) writeFileSync(headersFile, headers)
  const config = otlpSchema.parse({
    url: `http://127.0.0.1:${port}/v1/metrics?key=k`,
    ...(headers === undefined ? {} : { headersFile }),
  })
  const client = new OtlpClient(config)
  t.after(() => client.close())
  return { client, heard }
}

const OK = (response: ServerResponse) => void response.writeHead(200).end('{"partialSuccess":{}}')

test('batches are posted as JSON to the very URL, compressed, with headers of the file', async t => {
  const { client, heard } = await setUp(t, OK, '# ours\nAuthorization: Bearer s3cret\n\nX-Scope-OrgID: noc\n')

  const pushed = await client.push(BATCHES, NEVER)

  assert.deepEqual(pushed, { lines: 300, failedLines: 0, error: undefined })
  assert.deepEqual(
    heard.map(({ body }) => body),
    BATCHES.map(({ text }) => text),
  )
  const { url, headers } = heard[0]!
  assert.equal(`${url.pathname}${url.search}`, '/v1/metrics?key=k')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['content-encoding'], 'gzip')
  assert.deepEqual([headers.authorization, headers['x-scope-orgid']], ['Bearer s3cret', 'noc'])
})

test('rejected points are counted, a bad request costs its batch alone, and a busy server is left alone', async t => {
  const { client } = await setUp(
    t,
    (response, at) => {
      if (at === 1)
        response.writeHead(200).end('{"partialSuccess":{"rejectedDataPoints":"30","errorMessage":"old"}}')
      else if (at === 2) response.writeHead(400).end('bad token s3cret')
      else response.writeHead(429, { 'retry-after': '120' }).end('later')
    },
    'Authorization: Bearer s3cret\n',
  )

  const first = await client.push(BATCHES.slice(0, 2), NEVER)
  const second = await client.push(BATCHES, NEVER)

  assert.deepEqual(first, { lines: 70, failedLines: 130, error: 'answer 400 bad token ...' })
  assert.deepEqual(second, { lines: 0, failedLines: 100, error: 'answer 429 later', pauseSeconds: 120 })
})

test('a line that is no header is refused without a word of what it holds', async t => {
  const { client, heard } = await setUp(t, OK, 'Authorization: a\nsecret stuff\n')

  await assert.rejects(client.push(BATCHES, NEVER), error => {
    assert.match(String(error), /headers, line 2: expected "Name: value"/)
    assert.doesNotMatch(String(error), /stuff/)
    return true
  })
  assert.equal(heard.length, 0)
})
