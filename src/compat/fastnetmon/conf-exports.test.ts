import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readExports } from './conf-exports.ts'
import { readConfLines } from './conf-lines.ts'
import { ConfValues } from './conf-values.ts'

function read(text: string) {
  const values = new ConfValues(readConfLines(text, 'fastnetmon.conf').lines, 'fastnetmon.conf')
  const outside = { exists: () => false, readList: () => ({ kind: 'missing' }) as const }
  const read = readExports({ values, outside, isOrdered: true }).export
  return { ...read, said: values.problems.map(({ message }) => message) }
}

test('what is not switched on is off', () => {
  const { graphite, influxdb, redis, said } = read('graphite_host = 192.0.2.1\nredis_enabled = off\n')

  assert.deepEqual([graphite, influxdb, redis], [{ server: 'off' }, { server: 'off' }, { server: 'off' }])
  assert.deepEqual(said, [])
})

test('what is switched on has the servers, names and periods FastNetMon takes when none are set', () => {
  const { graphite, influxdb, redis, said } = read('graphite = on\ninfluxdb = on\nredis_enabled = yes\n')

  assert.deepEqual(graphite, { server: '127.0.0.1:2003', prefix: 'fastnetmon', everySeconds: 1, ipv6: false })
  assert.deepEqual(influxdb, { server: '127.0.0.1:8086', database: 'fastnetmon', everySeconds: 1 })
  assert.deepEqual(redis, { server: '127.0.0.1:6379', prefix: '' })
  assert.deepEqual(said, [])
})

test('hosts may be names or IPv6, and a login counts only with influxdb_auth', () => {
  const login = 'influxdb = on\ninfluxdb_user = u\ninfluxdb_password = p&s\n'
  const { graphite, redis } = read(
    'graphite = on\ngraphite_host = carbon.example.net\ngraphite_port = 2103\ngraphite_prefix = fw.dc1\ngraphite_push_period = 60\n' +
      'redis_enabled = on\nredis_host = 2001:db8::5\nredis_prefix = mydc1\n',
  )

  assert.deepEqual(graphite, {
    server: 'carbon.example.net:2103',
    prefix: 'fw.dc1',
    everySeconds: 60,
    ipv6: false,
  })
  assert.deepEqual(redis, { server: '[2001:db8::5]:6379', prefix: 'mydc1' })
  assert.equal(read(login).influxdb.user, undefined)
  const { user, password } = read(`${login}influxdb_auth = on\n`).influxdb
  assert.deepEqual([user, password], ['u', 'p&s'])
})

test('ClickHouse is reached over HTTP: its native port becomes 8123, with a note', () => {
  const { clickhouse, said } = read('clickhouse_metrics = on\n')
  const set = read(
    'clickhouse_metrics = on\nclickhouse_metrics_host = 2001:db8::7\nclickhouse_metrics_port = 9000\nclickhouse_metrics_username = fnm\n' +
      'clickhouse_metrics_password = p&s\nclickhouse_metrics_database = ddos\nclickhouse_metrics_push_period = 5\n',
  )
  const other = read('clickhouse_metrics = on\nclickhouse_metrics_port = 18123\n')

  const usual = { database: 'fastnetmon', everySeconds: 1, user: 'default' }
  assert.deepEqual(clickhouse, { server: '127.0.0.1:8123', ...usual })
  assert.match(said.join('\n'), /^ClickHouse is written to over HTTP: port 8123 is taken in place of 9000/)
  assert.deepEqual(set.clickhouse, {
    ...{ server: '[2001:db8::7]:8123', database: 'ddos', everySeconds: 5, user: 'fnm', password: 'p&s' },
  })
  assert.equal(set.said.length, 1)
  assert.deepEqual(other.clickhouse, { server: '127.0.0.1:18123', ...usual })
  assert.deepEqual(other.said, [])
  assert.deepEqual(read('clickhouse_metrics = off\n').clickhouse, { server: 'off' })
})

test('what cannot be used is told, and nothing is sent to where nobody meant', () => {
  const { graphite, said } = read(
    'graphite = on\ngraphite_host = a b\ngraphite_prefix = a b\nredis_enabled = maybe\n',
  )

  assert.deepEqual([graphite.server, graphite.prefix], ['off', 'fastnetmon'])
  assert.equal(said.length, 3)
  assert.match(said.join('\n'), /redis_enabled.*\n.*graphite_host: expected a name.*\n.*graphite_prefix/)
})
