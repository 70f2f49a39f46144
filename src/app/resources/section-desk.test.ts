import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { EXAMPLE_RELOAD } from '#api/contract/examples.ts'
import type { Caller } from '#api/control.ts'
import { fakeControl } from '#api/fake-control.ts'
import { buildApi } from '#api/server.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
import { redacted } from './redact.ts'
import { changeSection } from './section-change.ts'
import { SectionDesk, type SectionDeskOptions } from './section-desk.ts'
import { SectionHistory } from './section-history.ts'

const ADMIN: Caller = { uid: 0, pid: 1 }
const TEXT = `networks: [10.0.0.0/8]
inventory:
  customers:
    - id: acme # pays well
      prefixes: [10.1.0.0/16]
hostgroups:
  caches: { networks: [10.5.0.0/24] }
`

function setUp(
  t: TestContext,
  changes: Partial<SectionDeskOptions> = {},
  name = 'floodwarden.yaml',
  text = TEXT,
) {
  const file = join(temporaryFolder(t), name)
  writeFileSync(file, text)
  const loading = { file }
  const loaded = loadConfig(loading)
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded))
  const store = new MitigationLedger()
  const reloads: string[] = []
  const desk = new SectionDesk({
    ...{ loading, loaded, store, config: () => loaded.config, now: () => 1000 },
    documents: new DocumentShelf(),
    reload: async () => {
      reloads.push(readFileSync(file, 'utf8'))
      return { kind: 'done', value: EXAMPLE_RELOAD }
    },
    ...changes,
  })
  const server = buildApi({
    ...{ control: fakeControl(), log: SILENT, resources: { sections: desk }, callerOf: () => ADMIN },
  })
  t.after(() => server.close())
  const call = async (
    method: 'GET' | 'PUT' | 'PATCH' | 'POST',
    path: string,
    body?: object,
    etag?: string,
  ) => {
    const answer = await server.inject({
      ...{ method, url: `/api/v1/${path}`, headers: etag === undefined ? {} : { 'if-match': etag } },
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, etag: answer.headers.etag, body: answer.json() }
  }
  const says = () => readFileSync(file, 'utf8')
  return { call, says, file, reloads, store }
}

test('a section is read with its tag, written into the file with comments kept, and reloaded', async t => {
  const { call, says, file, reloads, store } = setUp(t)
  const before = await call('GET', 'inventory')
  const customers = [...before.body.value.customers, { id: 'new', prefixes: ['10.2.0.0/16'] }]

  const written = await call('PUT', 'inventory', { value: { customers } }, before.etag)
  const again = await call('PUT', 'inventory', { value: { customers } }, before.etag)
  const same = await call('PUT', 'inventory', { value: { customers } }, written.etag)
  const after = await call('GET', 'inventory')

  assert.equal(written.status, 200)
  assert.equal(written.body.backup, `${file}.bak`)
  assert.deepEqual(after.body.value, { customers })
  assert.deepEqual([after.etag, after.body.etag], [written.etag, written.etag])
  assert.deepEqual([again.status, again.body.code], [412, 'changed-meanwhile'])
  assert.equal(same.body.backup, undefined)
  assert.match(says(), /# pays well/)
  assert.equal(readFileSync(`${file}.bak`, 'utf8'), TEXT)
  assert.equal(reloads.length, 1)
  assert.deepEqual(
    store.audit().map(({ who, what, target, outcome }) => [who, what, target, outcome]),
    [['uid:0', 'configure', 'inventory', 'done']],
  )
})

test('what would be refused in the file is refused here, by the path of the setting, and nothing is written', async t => {
  const { call, says, reloads } = setUp(t)
  const { etag } = await call('GET', 'inventory')
  const twice = [
    { id: 'acme', prefixes: ['10.1.0.0/16'] },
    { id: 'b', prefixes: ['10.1.5.0/24'] },
  ]

  const shape = await call('PUT', 'inventory', { value: { customers: [{ id: 7 }] } }, etag)
  const meaning = await call('PUT', 'inventory', { value: { customers: twice } }, etag)
  const untagged = await call('PUT', 'inventory', { value: { customers: [] } })
  const playbooks = await call('PATCH', 'playbooks', { put: [{ name: 'x', steps: [] }] }, '*')

  const paths = (answer: typeof shape) => answer.body.errors.map(({ at }: { at: string }) => at)
  assert.deepEqual([shape.status, shape.body.code], [422, 'config-refused'])
  assert.ok(paths(shape).includes('inventory.customers[0].id'), String(paths(shape)))
  assert.deepEqual(paths(meaning), ['inventory.customers[1].prefixes[0]'])
  assert.deepEqual([untagged.status, untagged.body.code], [428, 'if-match-missing'])
  assert.deepEqual(paths(playbooks), ['playbooks[0].steps'])
  assert.deepEqual([says(), reloads.length], [TEXT, 0])
})

test('entries are put in and taken out by their keys', async t => {
  const { call } = setUp(t)

  const added = await call(
    'PATCH',
    'inventory',
    { put: { customers: [{ id: 'b', prefixes: ['10.2.0.0/16'] }] } },
    '*',
  )
  const removed = await call('PATCH', 'inventory', { remove: { customers: ['acme'] } }, '*')
  const groups = await call('PATCH', 'hostgroups', { put: { web: { networks: ['10.6.0.0/24'] } } }, '*')
  const fewer = await call('PATCH', 'hostgroups', { remove: ['caches'] }, '*')
  const safe = await call('PATCH', 'configuration/safelist', { put: [{ prefix: '10.0.0.53/32' }] }, '*')
  const wrong = await call('PATCH', 'inventory', { remove: ['acme'] }, '*')

  const ids = ({ body }: typeof added) => body.value.customers.map(({ id }: { id: string }) => id)
  assert.deepEqual([ids(added), ids(removed)], [['acme', 'b'], ['b']])
  assert.deepEqual(
    [Object.keys(groups.body.value), Object.keys(fewer.body.value)],
    [['caches', 'web'], ['web']],
  )
  assert.deepEqual(safe.body.value, [{ prefix: '10.0.0.53/32' }])
  assert.deepEqual([wrong.status, wrong.body.errors[0].at], [400, 'remove'])
})

test('when the reload refuses, the file says again what it said before', async t => {
  const errors = [{ at: 'x', problem: 'y' }]
  const problem = { kind: 'refused' as const, code: 'config-refused' as const, detail: 'no', errors }
  const { call, says, store } = setUp(t, { reload: async () => problem })
  const broken = setUp(t, { reload: () => Promise.reject(new Error('it died')) })

  const refused = await call('PUT', 'hostgroups', { value: {} }, '*')

  assert.deepEqual([refused.status, refused.body.errors], [422, errors])
  const failed = await broken.call('PUT', 'hostgroups', { value: {} }, '*')
  assert.deepEqual([failed.status, broken.says()], [500, TEXT])
  assert.equal(says(), TEXT)
  assert.equal(store.audit()[0]?.outcome, 'refused')
})

test('a configuration of FastNetMon, and none at all, is read and not written', async t => {
  const conf = setUp(t, {}, 'fastnetmon.conf', 'enable_ban = off\n')
  const none = setUp(t, { loading: {} })

  const read = await conf.call('GET', 'hostgroups')
  const refused = await conf.call('PUT', 'hostgroups', { value: {} }, '*')
  const nowhere = await none.call('PUT', 'hostgroups', { value: {} }, '*')

  assert.equal(read.body.origin, 'fastnetmon')
  assert.deepEqual([refused.status, refused.body.code], [409, 'config-not-written'])
  assert.match(refused.body.detail, /check .*fastnetmon\.conf --to-yaml/)
  assert.match(nowhere.body.detail, /without a configuration file/)
})

test('the settings in force are told without secrets', async t => {
  const { call } = setUp(t)

  const { body } = await call('GET', 'configuration')
  const shown = redacted({
    ...{ password: 'p', passwordFile: '/f', bearerTokenEnv: 'E', url: 'postgres://u:p@h/d' },
    list: [{ apiToken: 't' }],
  })

  assert.deepEqual(body.settings.networks, ['10.0.0.0/8'])
  assert.deepEqual(shown, {
    ...{ password: '(secret)', passwordFile: '/f', bearerTokenEnv: 'E', url: 'postgres://(secret)@h/d' },
    list: [{ apiToken: '(secret)' }],
  })
})

test('a change of what is not there begins with nothing', () => {
  assert.deepEqual(changeSection(null, { put: [{ name: 'a' }] }), { kind: 'changed', value: [{ name: 'a' }] })
  assert.deepEqual(changeSection(null, { put: { a: {} } }), { kind: 'changed', value: { a: {} } })
  assert.deepEqual(changeSection([{ name: 'a' }], { remove: ['a'] }), { kind: 'changed', value: [] })
  assert.equal(changeSection([], { put: 7 }).kind, 'refused')
})

test('a section is written as text, with the comments of whoever wrote it', async t => {
  const { call, says } = setUp(t)
  const before = await call('GET', 'inventory')
  const text = '# ours\ncustomers:\n  # gold\n  - id: acme # pays more\n    prefixes: [10.1.0.0/16]\n'

  const written = await call('PUT', 'inventory', { text, reason: 'ticket 7' }, before.etag)
  const after = await call('GET', 'inventory')
  const same = await call('PUT', 'inventory', { text: after.body.text }, String(after.etag))
  const gone = await call('PUT', 'hostgroups', { text: '# none\n' }, '*')

  assert.equal(before.body.text, 'customers:\n  - id: acme # pays well\n    prefixes: [10.1.0.0/16]\n')
  assert.equal(written.status, 200)
  for (const words of ['# ours', '# gold', '# pays more']) assert.match(says(), new RegExp(words))
  assert.deepEqual(after.body.value, { customers: [{ id: 'acme', prefixes: ['10.1.0.0/16'] }] })
  assert.equal(after.body.text, text)
  assert.equal(same.body.backup, undefined)
  assert.equal(gone.body.value, null)
  assert.equal((await call('PUT', 'inventory', {}, '*')).body.errors[0].problem, 'expected value or text')
})

test('a check says what would be refused, at which line of the text, and writes nothing', async t => {
  const { call, says, reloads } = setUp(t)
  const check = async (section: string, text: string) =>
    (await call('POST', 'configuration/check', { section, text })).body
  const places = (body: { problems: { at: string; line?: number; column?: number }[] }) =>
    body.problems.map(({ at, line, column }) => `${at} ${line}:${column}`)

  const type = await check('inventory', 'customers:\n  - id: acme\n    prefixes: [10.1.0.0/99]\n')
  const meaning = await check(
    'inventory',
    'customers:\n- id: a\n  prefixes: [10.1.0.0/16]\n- id: b\n  prefixes: [10.1.5.0/24]\n',
  )
  const unknown = await check('hostgroups', 'a.b:\n  networks: [10.5.0.0/24]\n  colour: red\n')
  const syntax = await check('playbooks', '- name: x\n  steps: [\n')
  const safe = await check('safelist', '- prefix: 10.0.0.53/32\n- prefix: nonsense\n')
  const fine = await check('inventory', 'customers:\n  - id: acme\n    prefixes: [10.2.0.0/16]\n')
  const now = (await call('GET', 'inventory')).body.text
  const same = await check('inventory', now)

  assert.deepEqual(places(type), ['inventory.customers[0].prefixes[0] 3:16'])
  assert.deepEqual(places(meaning), ['inventory.customers[1].prefixes[0] 5:14'])
  assert.deepEqual(places(unknown), ['hostgroups.a.b.colour 3:11'])
  assert.match(places(syntax)[0] ?? '', /^line 2, column \d+ 2:/)
  assert.deepEqual(places(safe), ['policy.safelist[1].prefix 2:11'])
  assert.deepEqual([type.verdict, fine.verdict, same.verdict], ['refused', 'accepted', 'unchanged'])
  assert.equal(fine.before, now)
  const customers = [{ id: 'acme', prefixes: ['10.2.0.0/16'] }]
  const valued = await call('POST', 'configuration/check', { section: 'inventory', value: { customers } })
  assert.equal(valued.body.after, now.replace('10.1', '10.2'))
  assert.match(valued.body.after, /# pays well/)
  assert.deepEqual([says(), reloads.length], [TEXT, 0])
})

test('versions tell who wrote what, also what was written into the file by hand', async t => {
  const { call, file, store } = setUp(t)
  await call('PUT', 'hostgroups', { text: 'web: { networks: [10.6.0.0/24] }', reason: 'ticket 7' }, '*')
  writeFileSync(file, TEXT.replace('caches', 'stores'))

  const { body } = await call('GET', 'configuration/history?section=hostgroups')
  const [first, second, third] = body.versions
  const page = await call('GET', 'configuration/history?limit=1')
  const next = await call('GET', `configuration/history?limit=1&cursor=${page.body.nextCursor}`)
  const one = await call('GET', `configuration/history/${second.id}`)
  const none = await call('GET', 'configuration/history/v0')

  assert.deepEqual(
    [first, second, third].map(({ by, reason }) => [by, reason]),
    [
      ['file', undefined],
      ['uid:0', 'ticket 7'],
      ['file', undefined],
    ],
  )
  assert.equal(body.versions.length, 3)
  assert.equal(page.body.versions[0].id, first.id)
  assert.notEqual(next.body.versions[0].id, first.id)
  assert.equal(one.body.text, 'web: {networks: [10.6.0.0/24]}\n')
  assert.match(one.body.before, /caches/)
  assert.deepEqual([none.status, none.body.code], [404, 'unknown-version'])
  const [entry] = store.audit()
  assert.match(entry?.reason ?? '', /is written: ticket 7$/)
  assert.deepEqual(entry?.after, { etag: second.etag })
})

test('of many versions the newest stay', () => {
  const documents = new DocumentShelf()
  const history = new SectionHistory(documents)
  const keep = (at: number, text: string) =>
    history.keep({ section: 'playbooks', at, by: 'file', etag: `"${text}"`, text })

  for (let at = 1; at <= 130; at++) keep(at, String(at))
  keep(131, '130')
  const many = history.list({ limit: 1000 })
  for (let at = 200; at <= 203; at++) keep(at, `${at} ${'x'.repeat(1_500_000)}`)
  const large = history.list({ limit: 1000 })

  assert.deepEqual([many.versions.length, many.versions[0]?.id], [100, 'v130'])
  assert.deepEqual(
    large.versions.map(({ id }) => id),
    ['v203', 'v202'],
  )
})
