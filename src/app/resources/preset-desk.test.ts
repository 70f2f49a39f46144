import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { COUNTERMEASURES as OF_POLICY } from '#6-policy/countermeasure.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { EXAMPLE_RELOAD } from '#api/contract/examples.ts'
import { COUNTERMEASURES } from '#api/contract/protection.ts'
import { fakeControl } from '#api/fake-control.ts'
import { buildApi } from '#api/server.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { PresetDesk, type PresetDeskOptions } from './preset-desk.ts'

const TEXT = `networks: [10.0.0.0/8] # all
protection:
  mitigator: { server: m.example.org, user: ann }
  profiles:
    web:
      prefixes: [10.0.0.0/24]
      countermeasures:
        acl: { rules: [{ verdict: drop, match: protocol =icmp }] }
    far: { backEnd: mitigator, prefixes: [10.1.0.0/24] }
`

function setUp(t: TestContext, changes: Partial<PresetDeskOptions> = {}) {
  const file = join(temporaryFolder(t), 'floodwarden.yaml')
  writeFileSync(file, TEXT)
  const store = new MitigationLedger()
  const presets = new PresetDesk({
    ...{ loading: { file }, store, now: () => 1000 },
    reload: async () => ({ kind: 'done', value: EXAMPLE_RELOAD }),
    ...changes,
  })
  const server = buildApi({
    ...{ control: fakeControl(), log: SILENT, resources: { presets }, callerOf: () => ({ uid: 0, pid: 1 }) },
  })
  t.after(() => server.close())
  const call = async (method: 'GET' | 'POST', id: string, body?: object) => {
    const url = `/api/v1/protection/profiles/${id}/preset`
    const answer = await server.inject({ method, url, ...(body === undefined ? {} : { payload: body }) })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { call, says: () => readFileSync(file, 'utf8'), file, store }
}

test('what a profile lacks is told, and written beside what is there with its reason', async t => {
  const { call, says, file, store } = setUp(t)
  const before = await call('GET', 'web')
  const written = await call('POST', 'web', { reason: 'ticket 4711' })
  const after = await call('GET', 'web')
  const again = await call('POST', 'web', { reason: 'once more' })

  const states = ({ body }: typeof before) =>
    body.parts.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)
  assert.deepEqual(states(before), ['acl there', 'source-limit missing', 'temporary-blacklist missing'])
  assert.deepEqual(written.body, {
    ...{
      added: ['source-limit', 'temporary-blacklist'],
      file,
      backup: `${file}.bak`,
      reload: EXAMPLE_RELOAD,
    },
  })
  assert.match(says(), /# all\n[\s\S]*source-limit:/)
  assert.deepEqual(states(after), ['acl there', 'source-limit there', 'temporary-blacklist there'])
  assert.deepEqual(again.body, { added: [], file })
  assert.deepEqual(
    store.audit().map(({ who, what, target, reason }) => [who, what, target, reason]),
    [['uid:0', 'configure', 'web', 'the preset of web is written: ticket 4711']],
  )
})

test('nothing is written where it cannot be, and what the reload refuses is taken back', async t => {
  const { call, says } = setUp(t, {
    reload: async () => ({ kind: 'refused', code: 'config-refused', detail: 'no' }),
  })

  const refused = await call('POST', 'web', { reason: 'x' })
  const away = await call('POST', 'far', { reason: 'x' })
  const bare = await call('POST', 'web', {})
  const odd = await call('GET', 'constructor')

  assert.deepEqual([refused.status, refused.body.code], [422, 'config-refused'])
  assert.deepEqual([away.status, away.body.code], [409, 'protection-not-possible'])
  assert.equal(bare.status, 400)
  assert.ok(odd.body.parts.every(({ state }: { state: string }) => state === 'missing'))
  assert.equal(says(), TEXT)
})

test('the contract names countermeasures as policy does, in the order in which packets meet them', () => {
  assert.deepEqual(COUNTERMEASURES, OF_POLICY)
})
