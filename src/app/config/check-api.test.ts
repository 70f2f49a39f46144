import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { checkApi } from './check-api.ts'
import { configSchema } from './config.ts'

const SOURCE = {
  settings: {},
  problems: [],
  locate: () => ({ file: 'a.yaml', line: 7, column: 3 }),
}
const problemsOf = (api: object) => checkApi(configSchema.parse({ api }), SOURCE)
const said = (api: object) => problemsOf(api).map(({ code, severity, path }) => `${severity} ${code} ${path}`)

function tlsFiles(t: TestContext, keyMode = 0o600) {
  const folder = temporaryFolder(t)
  const [certificate, key, clientAuthority] = ['cert.pem', 'key.pem', 'ca.pem'].map(name =>
    join(folder, name),
  )
  for (const file of [certificate, key, clientAuthority]) writeFileSync(file!, '')
  chmodSync(key!, keyMode)
  return { certificate, key, clientAuthority }
}

test('without settings, on loopback addresses, or off there is nothing to say', t => {
  assert.deepEqual(said({}), [])
  assert.deepEqual(said({ access: { mode: 'none' }, listen: ['127.0.0.9:80', '[::1]:80'] }), [])
  assert.deepEqual(said({ listen: 'off', access: { mode: 'mtls' } }), [])
  assert.deepEqual(said({ listen: '0.0.0.0:443', tls: tlsFiles(t), access: { mode: 'mtls' } }), [])
})

test('where others reach it, nobody gets in unnamed, and it is said at its place', () => {
  const api = { listen: ['127.0.0.1:8080', '[::]:8080'], access: { mode: 'none' } }

  const [problem] = problemsOf(api)

  assert.equal(problem?.severity, 'error')
  assert.deepEqual([problem.file, problem.line, problem.path], ['a.yaml', 7, 'api.access.mode'])
  assert.match(problem.message, /\[::\]:8080 would be admin/)
  assert.doesNotMatch(problem.message, /127/)
})

test('client certificates alone need an authority; tokens in plain sight are warned about', t => {
  const { certificate, key } = tlsFiles(t)
  const mode = 'mtls'
  assert.deepEqual(said({ access: { mode } }), ['error config-api-tls api.access.mode'])
  assert.deepEqual(said({ access: { mode }, tls: { certificate, key } }), [
    'error config-api-tls api.access.mode',
  ])
  assert.deepEqual(said({ listen: '0.0.0.0:8080' }), ['warning config-api-plain api.listen'])
})

test('an address of DDPS’s API is held to the same', () => {
  const told = (listen: string, api: object = { listen: 'off' }) =>
    checkApi(configSchema.parse({ api, compatibility: { ddpsApi: { listen } } }), SOURCE).map(
      ({ severity, code, path }) => `${severity} ${code} ${path}`,
    )

  assert.deepEqual(told('127.0.0.1:9990'), [])
  assert.deepEqual(told('0.0.0.0:9990'), ['warning config-api-plain compatibility.ddpsApi.listen'])
  assert.deepEqual(told('0.0.0.0:9990', { access: { mode: 'none' } }), [
    'error config-api-open api.access.mode',
    'warning config-api-plain compatibility.ddpsApi.listen',
  ])
})

test('a key that others can use and files that are not there are warned about', t => {
  const tls = tlsFiles(t, 0o640)
  assert.deepEqual(said({ tls: { ...tls, certificate: '/nowhere/cert.pem' } }), [
    'warning config-api-tls api.tls.certificate',
    'warning config-api-tls api.tls.key',
  ])
})
