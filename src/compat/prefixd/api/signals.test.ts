// The mapping rules of signals, row by row.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isKnownVector } from '#4-detection/reported-attack.ts'
import { processorMs } from '../../../../test/processor-ms.ts'
import { adapterOf } from './signals-adapter.ts'
import { mapAlerts } from './signals-alertmanager.ts'
import { hasToken, isSigned, signatureOf } from './signals-auth.ts'
import { signalsSchema, webhookSchema } from './signals-config.ts'
import { mapFastnetmon } from './signals-fastnetmon.ts'
import type { Mapped } from './signals-mapped.ts'
import { patternFault, SUBJECT_CHARACTERS_MAX } from './signals-pattern.ts'

const NOW = 1_900_000_000_000

const eventIn = (mapped: Mapped | undefined) => {
  assert.ok(mapped?.kind === 'event', JSON.stringify(mapped))
  return mapped.event
}

const alertWith = (changes: object) =>
  mapAlerts(
    { alerts: [{ status: 'firing', labels: { victim_ip: '192.0.2.1' }, ...changes }] },
    isKnownVector,
    NOW,
  )[0]

test('Alertmanager: labels say who is attacked and how', () => {
  const labels = (given: Record<string, string>) => eventIn(alertWith({ labels: given }))
  const victim = { victim_ip: '192.0.2.1' }

  assert.equal(labels({ ...victim, vector: 'syn_flood', alertname: 'udp_flood' }).vector, 'syn_flood')
  assert.equal(labels({ ...victim, alertname: 'SynFlood' }).vector, 'syn_flood')
  assert.equal(labels({ ...victim, alertname: 'UDPFlood' }).vector, 'udp_flood')
  assert.equal(labels({ ...victim, alertname: 'DnsAmplification' }).vector, 'dns_amplification')
  assert.equal(labels({ ...victim, alertname: 'Odd things' }).vector, 'unknown')
  assert.equal(labels({ ...victim, instance: '192.0.2.9:1' }).host, '192.0.2.1')
  assert.equal(labels({ instance: '192.0.2.9:9100' }).host, '192.0.2.9')
  assert.equal(labels({ instance: '[2001:DB8::9]:9100' }).host, '2001:db8::9')
  assert.equal(labels({ instance: '2001:db8::9' }).host, '2001:db8::9')
})

test('Alertmanager: severity is confidence, annotations are rates, the fingerprint is the id, resolved an unban', () => {
  const sure = (severity: string) =>
    eventIn(alertWith({ labels: { victim_ip: '192.0.2.1', severity } })).confidence
  const told = eventIn(
    alertWith({
      status: 'resolved',
      annotations: { bps: '9e8', pps: '-5' },
      fingerprint: 'f',
      endsAt: '2030-01-02T03:04:05Z',
    }),
  )

  assert.deepEqual(['critical', 'warning', 'info', 'other'].map(sure), [0.9, 0.7, 0.5, 0.5])
  assert.deepEqual([told.action, told.externalId, told.source], ['unban', 'f', 'alertmanager'])
  assert.deepEqual([told.bitsPerSecond, told.packetsPerSecond], [900_000_000, undefined])
  assert.equal(told.at, Date.parse('2030-01-02T03:04:05Z'))
})

test('FastNetMon: actions are confidences, and the protocol with most packets is the vector', () => {
  const tell = (action: 'ban' | 'unban' | 'partial_block' | 'alert', details?: object, confidences = {}) => {
    const mapped = mapFastnetmon(
      { action, ip: '192.0.2.1', attack_details: { ...details } },
      NOW,
      confidences,
    )
    assert.ok(mapped.kind === 'event')
    return mapped.event
  }
  const vector = (udp: number, tcp: number, syn: number, icmp: number) =>
    tell('ban', {
      ...{ incoming_udp_pps: udp, incoming_tcp_pps: tcp, incoming_syn_tcp_pps: syn, incoming_icmp_pps: icmp },
    }).vector

  assert.deepEqual(
    (['ban', 'partial_block', 'alert'] as const).map(action => tell(action).confidence),
    [0.9, 0.7, 0.5],
  )
  assert.equal(tell('alert', {}, { alert: 0.2 }).confidence, 0.2)
  assert.equal(tell('unban').action, 'unban')
  assert.equal(tell('ban').vector, 'unknown')
  assert.equal(vector(900, 100, 100, 0), 'udp_flood')
  assert.equal(vector(100, 900, 541, 0), 'syn_flood')
  assert.equal(vector(100, 900, 540, 0), 'ack_flood')
  assert.equal(vector(1, 2, 2, 3), 'icmp_flood')
  const rates = tell('ban', { attack_uuid: 'u', total_incoming_pps: 7, total_incoming_traffic_bits: 9 })
  assert.deepEqual([rates.externalId, rates.packetsPerSecond, rates.bitsPerSecond], ['u', 7, 9])
})

const webhook = (settings: object) =>
  adapterOf(webhookSchema.parse({ name: 'w', auth: { type: 'none' }, ...settings }))
const read = (settings: object, body: unknown) => webhook(settings).map(body, isKnownVector, NOW)

test('a webhook reads each field by its path, by transforms, scale and prefix', () => {
  const fields = {
    ...{ victimIp: '$.target', vector: '$.text', confidence: '$.score', bps: '$.mbit', pps: '$.pps' },
    ...{ sourceId: '$.id', topDstPorts: '$.ports[*]', timestamp: '$.when', action: '$.do' },
  }
  const settings = {
    ...{ rootPath: '$.alerts[*]', fields, confidenceScale: 100, sourceIdPrefix: 'w-' },
    vectorMap: { dns: 'dns-amplification' },
    transforms: {
      bps: { kind: 'unitConversion', multiplier: 1e6 },
      pps: { kind: 'computed', paths: ['$.sampled', '$.rate'], scale: 2 },
      vector: { pattern: 'type=(\\w+)', group: 1 },
    },
  }
  const alert = { target: '2001:DB8::1', text: 'x type=dns y', score: 250, mbit: 1.5, sampled: 3, rate: '10' }
  const more = { id: 7, ports: [53, 99_999, '80'], when: 1_900_000_000 }

  const [event, unban, odd] = read(settings, {
    alerts: [
      { ...alert, ...more },
      { target: '192.0.2.1', do: 'unban' },
      { target: '192.0.2.1', do: 'BAN' },
    ],
  })

  const { details, ...told } = eventIn(event)
  assert.deepEqual(told, {
    ...{ source: 'w', host: '2001:db8::1', direction: 'incoming', action: 'ban', ports: [53, 80] },
    ...{ at: 1_900_000_000_000, vector: 'dns-amplification', bitsPerSecond: 1_500_000, packetsPerSecond: 60 },
    ...{ confidence: 1, externalId: 'w-7' },
  })
  assert.deepEqual(details, { ...alert, ...more })
  assert.deepEqual(
    [eventIn(unban).action, eventIn(unban).vector, eventIn(unban).at],
    ['unban', 'unknown', NOW],
  )
  assert.deepEqual(odd, { kind: 'wrong', error: "unknown action: 'BAN', expected 'ban' or 'unban'" })
})

test('what a sender calls something nobody knows has the usual vector', () => {
  const settings = { fields: { victimIp: '$.ip', vector: '$.v' }, defaultVector: 'syn_flood' }

  assert.equal(eventIn(read(settings, { ip: '192.0.2.1', v: 'new' })[0]).vector, 'syn_flood')
  assert.equal(eventIn(read(settings, { ip: '192.0.2.1' })[0]).vector, 'syn_flood')
  assert.equal(eventIn(read(settings, { ip: '192.0.2.1', v: '__proto__' })[0]).vector, 'syn_flood')
})

test('whatever a webhook is sent, it gives events or says why not', () => {
  const fields = { victimIp: '$..ip', vector: '$.v', confidence: '$.c', topDstPorts: '$.p' }
  const adapter = webhook({ rootPath: '$..*', fields, transforms: { vector: { pattern: '(a+)b' } } })

  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), body => {
      for (const mapped of adapter.map(body, isKnownVector, NOW))
        if (mapped.kind === 'event') assert.ok((mapped.event.confidence ?? 0) <= 1)
    }),
  )
})

test('patterns that can take long are refused, and those that are taken do not on any text', () => {
  const refused = [
    '(a+)+$',
    '(a|a)*b',
    '(\\w*)*x',
    '.*.*.*x',
    '(a)\\1',
    '(?=a)b',
    '(',
    'x'.repeat(201),
    'a?b?c?d?e?',
  ]
  const taken = ['type=(\\w+)', '^attack: ([a-z_]+)', '.*-.*x', '[*+?]{1,2}', 'a|b|c', '\\*\\+\\(\\)\\*']

  for (const pattern of refused) assert.notEqual(patternFault(pattern), undefined, pattern)
  for (const pattern of taken) assert.equal(patternFault(pattern), undefined, pattern)
  const begun = processorMs()
  for (const pattern of [...taken, 'a?a?.*.*x'])
    new RegExp(pattern, 'u').exec('a'.repeat(SUBJECT_CHARACTERS_MAX))
  assert.ok(processorMs() - begun < 1000)
})

test('settings of webhooks are refused with what is wrong', () => {
  const refused = (changes: object) =>
    webhookSchema.safeParse({ name: 'w', auth: { type: 'none' }, fields: { victimIp: '$.a' }, ...changes })
      .success

  assert.equal(refused({}), true)
  assert.equal(refused({ name: 'No' }), false)
  assert.equal(refused({ fields: { victimIp: '$[' } }), false)
  assert.equal(refused({ transforms: { vector: { pattern: '(a+)+' } } }), false)
  const twice = { name: 'w', auth: { type: 'none' }, fields: { victimIp: '$.a' } }
  assert.equal(signalsSchema.safeParse({ webhooks: [twice, twice] }).success, false)
})

test('the signature is HMAC-SHA256 over the body, with or without its prefix, in either case', () => {
  const golden = 'cf405b2def200d91098da8663e531d579ae1c71c90fe73d623ae2138eef2ad8b'
  const body = Buffer.from('hello world')

  assert.equal(signatureOf('my-secret', body), golden)
  for (const header of [golden, `sha256=${golden}`, golden.toUpperCase()])
    assert.equal(isSigned(header, 'my-secret', body), true)
  for (const header of [undefined, '', 'sha256=', golden.slice(1), `sha1=${golden}`, `0${golden.slice(1)}`])
    assert.equal(isSigned(header, 'my-secret', body), false)
  assert.equal(isSigned(signatureOf('', body), '', body), false)
  assert.equal(hasToken('bearer abc', 'abc'), true)
  assert.equal(hasToken('Bearer abc', 'abd'), false)
  assert.equal(hasToken('Bearer ', ''), false)
})
