import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { FILES, mainWith, said } from '#compat/prefixd/folder-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { announcementsOf } from './announcements.ts'
import { announcersOf, carriersOf } from './carriers.ts'
import { loadConfig } from './load.ts'

/** A folder on disk with these files in place of the usual ones. */
function folderOf(t: TestContext, files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries({ ...FILES, ...files })) writeFileSync(join(folder, name), text)
  return folder
}

const ok = (file: string, overrides = {}) => {
  const loaded = loadConfig({ file, overrides, ownAddresses: () => ['192.0.2.7'] })
  return loaded.kind === 'ok' ? loaded : assert.fail(said(loaded.problems).join('\n'))
}
const errorsOf = (file: string): string[] => {
  const { problems } = loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })
  return said(problems).filter(text => text.includes(' error '))
}

test('a folder and the prefixd.yaml in it are the same', t => {
  const folder = folderOf(t)

  const loaded = ok(folder)

  assert.deepEqual([loaded.origin, loaded.isOrdered, loaded.config.mitigation.armed], ['prefixd', true, true])
  assert.deepEqual(ok(join(folder, 'prefixd.yaml')).config, loaded.config)
  assert.deepEqual(ok(`${folder}/`).config, loaded.config)
  assert.equal(loaded.keys.length > 50, true)
})

test('mode: enforced arms what the playbooks name, and nothing else', t => {
  const { config } = ok(folderOf(t))

  assert.deepEqual(
    carriersOf(config).map(({ name }) => name),
    ['gobgp'],
  )
  assert.deepEqual([...announcersOf(config)], ['gobgp'])
  assert.deepEqual([announcementsOf(config), config.enforcement.notifyScript.path], [[], undefined])
  assert.equal(config.capture.method, 'off')
  assert.deepEqual(
    [
      ...new Set(
        config.playbooks.flatMap(({ steps }) =>
          steps.flatMap(({ actions }) => actions.map(({ kind }) => kind)),
        ),
      ),
    ],
    ['rate-limit', 'discard'],
  )
})

test('without playbooks nothing is armed that could announce', t => {
  const { config } = ok(folderOf(t, { 'playbooks.yaml': 'playbooks: []\n' }))

  assert.deepEqual([carriersOf(config), [...announcersOf(config)]], [[], []])
})

test('dry-run, mock and nothing written are dry runs', t => {
  for (const changes of [{ mode: 'dry-run' }, { 'bgp.mode': 'mock' }, { mode: undefined }]) {
    const { config, isOrdered } = ok(folderOf(t, { 'prefixd.yaml': mainWith(changes) }))
    assert.deepEqual([config.mitigation.armed, isOrdered], [false, false], JSON.stringify(changes))
  }
})

test('an interface on the command line is captured on', t => {
  const folder = folderOf(t)

  const named = ok(folder, { interfaces: ['eth1'] })

  assert.deepEqual([named.config.capture.method, named.config.capture.interfaces], ['af-packet', ['eth1']])
  const isToldOf = ({ problems }: { problems: readonly { code: string }[] }) =>
    problems.some(({ code }) => code === 'prefixd-no-capture')
  assert.deepEqual([isToldOf(ok(folder)), isToldOf(named)], [true, false])
})

test('the address of gobgpd may be a URL or localhost, and no other name', t => {
  const addressOf = (text: string) =>
    ok(folderOf(t, { 'prefixd.yaml': mainWith({ 'bgp.gobgp_grpc': text }) })).config.enforcement.gobgp.address
  const named = folderOf(t, { 'prefixd.yaml': mainWith({ 'bgp.gobgp_grpc': 'gobgp:50051' }) })
  const missing = folderOf(t, { 'prefixd.yaml': mainWith({ 'bgp.gobgp_grpc': undefined }) })

  assert.equal(addressOf('http://192.0.2.5:50052/'), '192.0.2.5:50052')
  assert.equal(addressOf('localhost:50051'), '127.0.0.1:50051')
  assert.deepEqual(errorsOf(named), [
    'prefixd.yaml:13 error prefixd-value bgp.gobgp_grpc: expected ADDRESS:PORT such as 127.0.0.1:50051, found "gobgp:50051"',
  ])
  assert.deepEqual(errorsOf(missing), [
    'prefixd.yaml:12 error prefixd-value bgp.gobgp_grpc: missing key gobgp_grpc: expected ADDRESS:PORT',
  ])
})

test('what the native settings refuse is told with the line of prefixd', t => {
  const files = {
    'prefixd.yaml': mainWith({
      'quotas.max_active_global': 0,
      'timers.min_ttl_seconds': 600,
      'timers.max_ttl_seconds': 60,
      'safelist.prefixes': ['203.0.113.1', 'nobody'],
    }),
    'playbooks.yaml': 'playbooks: []\n',
  }

  const readable = { ...files, 'prefixd.yaml': files['prefixd.yaml'].replace('    - nobody\n', '') }

  assert.deepEqual(errorsOf(folderOf(t, readable)), [
    'prefixd.yaml:31 error config-impossible-value policy.quotas.global.activeMax: expected a whole number from 1 to 1000000, found 0',
    'prefixd.yaml:36 error config-impossible-value policy.bounds.ttlSeconds: expected a minimum that is not above the maximum, found a section with keys',
  ])
  assert.match(errorsOf(folderOf(t, files)).join('\n'), /safelist\.prefixes\[1\]: expected a prefix/)
})

test('files that cannot be read refuse the folder, whatever they are', t => {
  const folder = folderOf(t, { 'inventory.yaml': new Uint8Array([0x61, 0xff]) })
  rmSync(join(folder, 'playbooks.yaml'))
  mkdirSync(join(folder, 'playbooks.yaml'))
  symlinkSync('/dev/zero', join(folder, 'alerting.yaml'))

  assert.deepEqual(errorsOf(folder), [
    'inventory.yaml:0 error prefixd-file : the text is not UTF-8 from line 1, column 2 on',
    'playbooks.yaml:0 error prefixd-file : it is no regular file',
    'alerting.yaml:0 error prefixd-file : it is no regular file',
  ])
  rmSync(join(folder, 'prefixd.yaml'))
  assert.match(errorsOf(folder).join(), /config-unreadable : it is a folder, and no prefixd.yaml is in it/)
})
