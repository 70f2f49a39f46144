import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announcersOf, carriersOf } from './carriers.ts'
import { loadConfig } from './load.ts'

/** Who carries out, and who is connected to when armed. */
function thereIn(text: string, file = 'f.yaml') {
  const loaded = loadConfig({ file, text, ownAddresses: () => ['192.0.2.7'] })
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded.problems))
  const { config } = loaded
  return [carriersOf(config).map(({ name }) => name), [...announcersOf(config)]]
}

const NOBODY = [[], []]
const GOBGP = [['gobgp'], ['gobgp']]
const EXABGP = [['exabgp'], ['exabgp']]

test('gobgpd is there for rules by people where its address is written, and nowhere else by itself', () => {
  assert.deepEqual(thereIn(''), NOBODY)
  assert.deepEqual(thereIn('enforcement: { gobgp: { reconcileSeconds: 5 } }'), NOBODY)
  assert.deepEqual(thereIn('enforcement: { gobgp: { address: 127.0.0.1:50051 } }'), GOBGP)
  assert.deepEqual(
    thereIn('enforcement: { gobgp: { address: 127.0.0.1:50051, rulesByPeople: false } }'),
    NOBODY,
  )
  assert.deepEqual(thereIn('enforcement: { gobgp: { rulesByPeople: true } }'), GOBGP)
})

test("who has DDPS's API served wants somebody who announces", () => {
  const ddps = 'compatibility: { ddpsApi: { listen: 127.0.0.1:9990 } }'

  assert.deepEqual(thereIn(ddps), GOBGP)
  assert.deepEqual(thereIn('compatibility: { ddpsApi: { enabled: true } }'), GOBGP)
  assert.deepEqual(thereIn('compatibility: { ddpsApi: { tokenMinutes: 5 } }'), NOBODY)
  assert.deepEqual(thereIn(`${ddps}\nenforcement: { exabgp: { pipe: /run/exabgp.in } }`), EXABGP)
  assert.deepEqual(thereIn(`${ddps}\nenforcement: { gobgp: { rulesByPeople: false } }`), NOBODY)
})

test('a fastnetmon.conf arms what it names, and never gobgpd for rules', () => {
  const conf = (...lines: string[]) =>
    thereIn(['enable_ban = on', ...lines, ''].join('\n'), 'fastnetmon.conf')

  assert.deepEqual(conf(), NOBODY)
  assert.deepEqual(conf('gobgp = on', 'gobgp_announce_host = off'), NOBODY)
  assert.deepEqual(conf('gobgp = on', 'gobgp_announce_host = on'), GOBGP)
})
