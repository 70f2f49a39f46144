import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkExport } from './check-export.ts'
import { configSchema } from './config.ts'

const SOURCE = { settings: {}, problems: [], locate: () => ({ file: 'f.yaml', line: 1, column: 1 }) }

const toldOf = (config: object) => checkExport(configSchema.parse(config), SOURCE).map(({ path }) => path)

test('what is off, and what can be sent as it is set, is not spoken of', () => {
  assert.deepEqual(toldOf({}), [])
  const clickhouse = { server: '127.0.0.1:8123', password: 'p' }
  const otlp = { url: 'https://collector.example.net:4318/v1/metrics', headersFile: import.meta.filename }
  assert.deepEqual(toldOf({ export: { clickhouse, otlp }, metrics: { topHosts: 9 } }), [])
})

test('the native port of ClickHouse, secrets in the open and files nobody can read are named', () => {
  const clickhouse = { server: 'ch.example.net:9000', passwordFile: '/nowhere' }
  const otlp = { url: 'http://collector.example.net:4318', headersFile: '/nowhere', caFile: '/nowhere' }

  assert.deepEqual(toldOf({ export: { clickhouse, otlp } }), [
    'export.clickhouse.server',
    'export.clickhouse.tls',
    'export.clickhouse.passwordFile',
    'export.otlp.url',
    'export.otlp.url',
    'export.otlp.caFile',
    'export.otlp.headersFile',
  ])
})

test('busy hosts that nobody is told of are named', () => {
  assert.deepEqual(toldOf({ metrics: { listen: 'off', topHosts: 5 } }), ['metrics.topHosts'])
})
