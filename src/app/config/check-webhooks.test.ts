import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { checkWebhooks } from './check-webhooks.ts'
import { configSchema } from './config.ts'
import { loadConfig } from './load.ts'

const SOURCE = { settings: {}, problems: [], locate: () => ({ file: 'f.yaml', line: 1, column: 1 }) }
const ENVIRONMENT = {
  ...{ GOOD: 'https://hooks.example.com/qqSECRET', PLAIN: 'http://hooks.example.com/qqSECRET' },
  ...{ INSIDE: 'https://10.0.0.7/qqSECRET', NONE: 'no address qqSECRET' },
}

const toldOf = (destinations: object[], outgoing = {}, isForeign = false) =>
  checkWebhooks(
    configSchema.parse({ notify: { webhooks: { destinations } }, outgoing }),
    ...([SOURCE, isForeign, ENVIRONMENT] as const),
  ).map(({ severity, path, message }) => `${severity} ${path}: ${message}`)

test('destinations that cannot be told are named, without their secrets', () => {
  const slack = (env: string) => ({ type: 'slack', url: { env } })

  const told = toldOf(['GOOD', 'PLAIN', 'INSIDE', 'NONE', 'MISSING'].map(slack))

  assert.deepEqual(told, [
    'warning notify.webhooks.destinations[4].url: it is told nothing: the environment variable MISSING is not set',
    'warning notify.webhooks.destinations[1].url: url must use https',
    'warning notify.webhooks.destinations[2].url: url host IP is not allowed',
    'warning notify.webhooks.destinations[3].url: url must be a valid URL',
  ])
  assert.doesNotMatch(told.join(), /qqSECRET/)
  assert.deepEqual(toldOf([slack('INSIDE')], { allow: ['10.0.0.7'] }), [])
  assert.deepEqual(toldOf([slack('PLAIN')], {}, true), [])
})

test('a secret that is written where its place belongs is refused and quoted nowhere, and so is what a service lacks', t => {
  const file = join(temporaryFolder(t), 'native.yaml')
  const refusalsOf = (destination: object) => {
    writeFileSync(file, JSON.stringify({ notify: { webhooks: { destinations: [destination] } } }))
    return loadConfig({ file, ownAddresses: () => [] }).problems.map(
      ({ path, message }) => `${path}: ${message}`,
    )
  }
  const at = 'notify.webhooks.destinations[0]'

  const secrets = [
    ...refusalsOf({ type: 'slack', url: 'https://hooks.example.com/qqSECRET' }),
    ...refusalsOf({ type: 'generic', url: { env: 'A' }, headers: { Authorization: 'qqSECRET' } }),
    ...refusalsOf({ type: 'slack', url: { file: 'qqSECRET' } }),
    ...refusalsOf({ type: 'slack', url: { file: '/a', env: 'qqSECRET' } }),
  ]
  const lacking = refusalsOf({ type: 'opsgenie', apiKey: { env: 'A' }, channel: '#noc' })

  assert.equal(secrets.length, 4)
  assert.doesNotMatch(secrets.join(), /qqSECRET/)
  assert.match(secrets[0]!, /destinations\[0\]\.url: expected \{file: PATH\} or \{env: NAME\}/)
  assert.deepEqual(lacking, [
    `${at}.region: missing key region: expected one for opsgenie`,
    `${at}.channel: expected none for opsgenie, found the text "#noc"`,
  ])
})
