import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messages, said, setting } from './conf-for-tests.ts'

test('sflow and netflow listen where FastNetMon does, and capture may be off then', () => {
  const both = 'sflow = on\nnetflow = on\n'

  assert.deepEqual(setting(both, 'telemetry.listen'), ['0.0.0.0:6343', '0.0.0.0:2055'])
  assert.equal(setting(both, 'capture.method'), 'off')
  assert.ok(!said(both).some(line => line.includes('fastnetmon-no-capture')))
  assert.ok(!said(both).some(line => line.includes('fastnetmon-not-carried')))
  assert.deepEqual(setting('sflow = off\nsflow_port = 6343\n', 'telemetry.listen'), [])
})

test('several ports, addresses of either version, and a port that both name once', () => {
  const text = 'sflow = on\nsflow_port = 6343, 2055\nsflow_host = 192.0.2.1\nnetflow = on\n'

  assert.deepEqual(setting(`${text}netflow_host = 192.0.2.1\n`, 'telemetry.listen'), [
    '192.0.2.1:6343',
    '192.0.2.1:2055',
  ])
  assert.deepEqual(setting(`${text}netflow_host = ::\nnetflow_port = 9995`, 'telemetry.listen'), [
    ...['192.0.2.1:6343', '192.0.2.1:2055', '[::]:9995'],
  ])
})

test('the sampling ratio and the length of the IP header keep their meaning', () => {
  assert.equal(setting('netflow = on\nnetflow_sampling_ratio = 512', 'telemetry.fallbackSamplingRate'), 512)
  assert.equal(
    setting('sflow = on\nnetflow_sampling_ratio = 512', 'telemetry.fallbackSamplingRate'),
    undefined,
  )
  assert.equal(setting('sflow = on\nsflow_read_packet_length_from_ip_header = on', 'telemetry.length'), 'ip')
  assert.equal(setting('sflow = on', 'telemetry.length'), undefined)
})

test('what is no port and no address is said', () => {
  const text = 'netflow = on\nnetflow_port = 2055,http,70000\nnetflow_host = any\n'

  assert.deepEqual(setting(text, 'telemetry.listen'), ['0.0.0.0:2055'])
  assert.deepEqual(messages(text, 'fastnetmon-number'), [
    '2:16 netflow_port: "http" is no port, so nothing listens on it',
    '2:16 netflow_port: "70000" is no port, so nothing listens on it',
  ])
  assert.deepEqual(messages(text, 'fastnetmon-choice'), [
    '3:16 netflow_host: "any" is no address, so all addresses of this machine are listened on',
  ])
})
