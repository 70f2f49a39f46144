import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXAMPLE_EXPORTERS } from '#api/contract/examples.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { exportersText } from './exporters.ts'

test('listeners, exporters, their domains and who was refused stand in tables', () => {
  const at = momentText(Date.parse('2026-11-20T10:11:49.533Z'))

  const lines = exportersText(EXAMPLE_EXPORTERS).split('\n')

  assert.deepEqual(lines, [
    'listening on  worker  how    datagrams  dropped  problem',
    '0.0.0.0:2055       0  batch     48,112        0',
    '',
    'exporter   name          datagrams    records  malformed  no template         lost  last seen',
    `192.0.2.1  edge-1 (fra)     48,112  1,154,688          0            2  3 datagrams  ${at}`,
    '',
    'exporter   protocol  domain  sampling  says who  templates  longest   skew         lost',
    '192.0.2.1  netflow9       7    1:1000  told              4     60 s  0.4 s  3 datagrams',
    '',
    'refused, because they are not in telemetry.exporters:',
    '198.51.100.9  12 datagrams',
    '',
  ])
})

test('without listeners, and without exporters, it says so', () => {
  const nothing = { ...EXAMPLE_EXPORTERS, exporters: [], total: 0, refused: [], refusedDatagrams: 0 }

  const off = exportersText({ ...nothing, listeners: [] })
  const silent = exportersText(nothing)
  const many = exportersText({ ...EXAMPLE_EXPORTERS, total: 1200 })

  assert.equal(off, 'No flow telemetry is received: telemetry.listen names no address and port.\n')
  assert.match(silent, /\nNo exporter has sent anything yet: floodwarden doctor tells why\.\n$/)
  assert.match(many, /^and 1,199 more$/m)
})
