import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '#lib/log/logger.ts'
import { SILENT } from '#lib/log/logger.ts'
import { problemSchema } from './contract/problem.ts'
import { fakeControl } from './fake-control.ts'
import type { Resources } from './resources.ts'
import { buildApi } from './server.ts'

function api() {
  const failures: (Facts | undefined)[] = []
  const refuse = async () => ({ kind: 'refused', code: 'not-ready', detail: 'asked' }) as const
  const resources = {
    reports: { list: refuse, get: refuse, receive: refuse },
    sections: { write: refuse },
  } as unknown as Partial<Resources>
  const server = buildApi({
    ...{ control: fakeControl(), resources, callerOf: () => ({ uid: 0, pid: 1 }) },
    log: { ...SILENT, error: (_, facts) => void failures.push(facts) },
  })
  const send = (method: 'POST' | 'PUT', url: string, payload: string, headers = {}) =>
    server.inject({ method, url, payload, headers: { 'content-type': 'application/json', ...headers } })
  return { send, failures }
}

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** Where whatever JSON says is taken as it is, or is looked through before a schema sees it. */
const PLACES = [
  ['POST', '/api/v1/events', (value: string) => `{"source":"a","host":"192.0.2.1","details":${value}}`, {}],
  ['PUT', '/api/v1/playbooks', (value: string) => `{"value":${value}}`, {}],
  ['POST', '/api/v1/bans', (value: string) => `{"host":${value}}`, { 'idempotency-key': 'k' }],
] as const

test('a body that nests too deep is refused as a whole, wherever its value would be taken, and is no failure of ours', async () => {
  const { send, failures } = api()

  for (const [method, url, bodyOf, headers] of PLACES)
    for (const depth of [64, 3000, 400_000]) {
      const response = await send(method, url, bodyOf(lists(depth)), headers)
      const { code, errors } = problemSchema.parse(response.json())

      assert.deepEqual([response.statusCode, code], [400, 'invalid-request'], `${url} ${depth}`)
      assert.deepEqual(errors, [{ at: '', problem: 'expected at most 64 levels of lists and objects' }])
    }
  assert.deepEqual(failures, [])
})

test('what nests as deep as may be reaches who is asked', async () => {
  const { send } = api()

  for (const [method, url, bodyOf] of PLACES.slice(0, 2))
    assert.equal((await send(method, url, bodyOf(lists(63)))).json().detail, 'asked', url)
})
