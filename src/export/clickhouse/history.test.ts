import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { postServer } from '../push/http-server-for-tests.ts'
import { clickhouseSchema } from './config.ts'
import { ClickhouseHistory, historyQuery } from './history.ts'

const SPAN = { stepSeconds: 300, first: 1000, count: 3 }

test('each series is asked of the table that has it, names in both forms, within its days', () => {
  const of = (series: string) => historyQuery('db', { series, ...SPAN }) ?? ''

  assert.equal(
    of('host:10.0.0.1'),
    'SELECT intDiv(toUInt32(metricDateTime), 300) AS step, avg(packets_incoming), avg(bits_incoming), avg(flows_incoming), ' +
      'avg(packets_outgoing), avg(bits_outgoing), avg(flows_outgoing) FROM db.host_metrics ' +
      'WHERE metricDate >= toDate(toDateTime(300000)) AND metricDate <= toDate(toDateTime(300900)) AND ' +
      "metricDateTime >= toDateTime(300000) AND metricDateTime < toDateTime(300900) AND host IN ('10.0.0.1') " +
      'GROUP BY step ORDER BY step LIMIT 20000 FORMAT TabSeparated',
  )
  assert.match(of('host:2001:db8::1'), /db\.host_metrics_ipv6 .* IN \('2001:db8::1', '2001:0db8::0001'\)/)
  assert.match(
    of('network:10.0.0.0/8'),
    /avg\(bits_incoming\), nan, .* FROM db\.network_metrics .*'10\.0\.0\.0\/8'/,
  )
  assert.match(of('network:2001:db8::/32'), /FROM db\.network_metrics_ipv6 /)
  assert.match(of('total'), /avgIf\(packets, direction = 'incoming'\).* FROM db\.total_metrics /)
  assert.match(of('total-beside'), /direction = 'internal'.*direction = 'other'/)
})

test('what no table has, and what is no address, is not asked for', () => {
  for (const series of ['hostgroup:web', "host:1' OR '1", 'network:x', 'nothing'])
    assert.equal(historyQuery('db', { series, ...SPAN }), undefined, series)
})

test('answers become numbers by step; a line that was cut, and a failure, are nothing', async t => {
  let status = 200
  let text = '1000\t1\t8\t2\t3\t24\tnan\n1002\t5\t40\t0\t0\t0\t0\n1003\t7'
  const { port, heard } = await postServer(t, response => response.writeHead(status).end(text))
  const told: string[] = []
  const log = { ...SILENT, warn: (says: string) => void told.push(says) }
  const counts = { answered: 0, failed: 0 }
  const history = new ClickhouseHistory(
    { host: '127.0.0.1', port },
    clickhouseSchema.parse({ password: 'p' }),
    log,
    counts,
  )
  t.after(() => history.close())

  const known = await history.read({ series: 'total', ...SPAN })
  status = 500
  text = 'Code: 241. Memory limit'
  const failed = [
    await history.read({ series: 'total', ...SPAN }),
    await history.read({ series: 'total', ...SPAN }),
  ]

  assert.deepEqual([...known.keys()], [1000, 1002])
  assert.deepEqual(known.get(1000), [1, 8, 2, 3, 24, Number.NaN])
  assert.deepEqual(
    failed.map(({ size }) => size),
    [0, 0],
  )
  assert.equal(told.length, 1)
  assert.equal(heard[0]?.headers['x-clickhouse-key'], 'p')
  assert.deepEqual(counts, { answered: 1, failed: 2 })
})
