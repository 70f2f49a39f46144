import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { configWith } from '../engine-for-tests.ts'
import { checkTelemetry } from './check-telemetry.ts'

const SOURCE = readYaml('', 'f.yaml')

const saidOf = (telemetry: object): string[] =>
  checkTelemetry(configWith({ telemetry }), SOURCE).map(
    ({ severity, code, path, message }) => `${severity} ${code} ${path}: ${message}`,
  )

test('the same place to listen, or the same exporter, twice is refused', () => {
  assert.deepEqual(
    saidOf({
      listen: ['[2001:db8::1]:2055', '[2001:db8:0::1]:2055'],
      exporters: [{ prefix: '192.0.2.1' }, { prefix: '192.0.2.0/24' }, { prefix: '192.0.2.1/32' }],
    }).map(text => text.split(': ')[0]),
    [
      'error config-telemetry-twice telemetry.listen[1]',
      'error config-telemetry-twice telemetry.exporters[2].prefix',
    ],
  )
  assert.deepEqual(
    saidOf({ listen: ['0.0.0.0:4739'], tcp: ['0.0.0.0:4739', '0.0.0.0:4739'] }).map(
      text => text.split(': ')[0],
    ),
    [
      'error config-telemetry-twice telemetry.tcp[1]',
      'notice config-telemetry-open telemetry.listen',
      'notice config-telemetry-open telemetry.tcp',
    ],
  )
  assert.match(saidOf({ listen: ['0.0.0.0:1', '0.0.0.0:1'] })[0] ?? '', /^error config-telemetry-twice/)
})

test('telemetry of anybody is told', () => {
  assert.deepEqual(saidOf({}), [])
  assert.deepEqual(saidOf({ listen: ['0.0.0.0:2055'] }), [
    'notice config-telemetry-open telemetry.listen: no exporters are listed: whoever can send a datagram to the port can pretend traffic',
  ])
  assert.deepEqual(saidOf({ listen: ['0.0.0.0:2055'], exporters: [{ prefix: '192.0.2.1' }] }), [])
})
