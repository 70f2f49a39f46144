import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { SILENT } from '#lib/log/logger.ts'
import { EXAMPLE_STATUS } from './contract/examples.ts'
import { fakeControl } from './fake-control.ts'
import { buildApi } from './server.ts'

const LONG = { ...EXAMPLE_STATUS, warnings: Array.from({ length: 1000 }, () => 'the same again and again') }

test('a large answer goes out as gzip to whoever takes it, and a small one as it is', async t => {
  const controls = { long: fakeControl({ status: () => LONG }), short: fakeControl() }
  const ask = async (control: keyof typeof controls, encoding?: string) => {
    const server = buildApi({
      ...{ control: controls[control], log: SILENT },
      callerOf: () => ({ uid: 0, pid: 1 }),
    })
    t.after(() => server.close())
    const headers = encoding === undefined ? {} : { 'accept-encoding': encoding }
    return await server.inject({ url: '/api/v1/status', headers })
  }

  const [packed, plain, refused, small] = [
    await ask('long', 'gzip, deflate, br'),
    await ask('long'),
    await ask('long', 'gzip;q=0'),
    await ask('short', 'gzip'),
  ]

  assert.equal(packed.headers['content-encoding'], 'gzip')
  assert.deepEqual(JSON.parse(gunzipSync(packed.rawPayload).toString()), LONG)
  assert.ok(packed.rawPayload.length < plain.rawPayload.length / 10)
  assert.equal(packed.headers['content-length'], String(packed.rawPayload.length))
  for (const answer of [plain, refused, small]) assert.equal(answer.headers['content-encoding'], undefined)
  assert.deepEqual(plain.json(), LONG)
  assert.match(String(plain.headers['vary']), /Accept-Encoding/)
  assert.equal(small.headers['vary'], undefined)
})
