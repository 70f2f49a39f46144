import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ddpsRule } from './rule-for-tests.ts'
import { isSameRule } from './same-rule.ts'

test('rules are the same when they mean the same, whatever a server adds', () => {
  const rule = ddpsRule({ ipprotocol: '6', sourceport: '=443 =80', tcpflags: 'syn ack', packetlength: '' })
  const row = {
    ...ddpsRule({ ipprotocol: '=6', sourceport: '=80 =443', tcpflags: 'ack syn', packetlength: '' }),
    ...{ durationminutes: '3', flowspecruleid: 'r1', status: 'Active' },
  }

  assert.equal(isSameRule(rule, row), true)
  assert.equal(isSameRule(rule, { ...row, sourceprefix: '0.0.0.0/0' }), true)
  for (const changes of [
    ...[{ description: 'another' }, { thenaction: 'accept' }, { sourceport: '=80' }, { dscp: '=1' }],
    ...[{ destinationprefix: '10.0.0.6/32' }, { dscp: undefined }, { tcpflags: 'psh' }],
  ])
    assert.equal(isSameRule(rule, { ...row, ...changes }), false, JSON.stringify(changes))
})
