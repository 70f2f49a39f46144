import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAGMENT_BITS, TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import { DDPS_ACTIONS, printAction, printWords, readAction, readWords } from './words.ts'

test('each word stands for its bit, and a space is OR', () => {
  const flags = readWords('tcp-flags', 'fin syn rst push ack urgent')
  const fragments = readWords('fragment', 'is-fragment dont-fragment first-fragment last-fragment')

  assert.ok(flags.kind === 'words' && fragments.kind === 'words')
  assert.deepEqual(
    flags.component.anyOf,
    [1, 2, 4, 8, 16, 32].map(bits => [{ isNot: false, isMatchAll: true, bits }]),
  )
  assert.deepEqual(
    fragments.component.anyOf,
    [2, 1, 4, 8].map(bits => [{ isNot: false, isMatchAll: true, bits }]),
  )
})

test('not-a-fragment has none of the bits of a fragment', () => {
  const read = readWords('fragment', 'not-a-fragment')

  assert.ok(read.kind === 'words')
  assert.deepEqual(read.component.anyOf, [[{ isNot: true, isMatchAll: false, bits: 14 }]])
})

test('other words are refused', () => {
  for (const text of ['psh', 'urg', 'SYN', 'syn,ack', 'syn  ack', ' syn', 'syn ', '=syn', 'toString', '1'])
    assert.equal(readWords('tcp-flags', text).kind, 'problem', text)
  for (const text of ['1', 'fragment', 'is_fragment', 'syn']) {
    const read = readWords('fragment', text)

    assert.equal(read.kind, 'problem', text)
    assert.match(read.kind === 'problem' ? read.problem : '', /none of is-fragment, dont-fragment/)
  }
})

test('words come back, and what has none is not written', () => {
  const { syn, ack } = TCP_FLAG_BITS
  const some = { isNot: false, isMatchAll: false, bits: syn | ack }

  for (const text of ['syn', 'syn ack', 'push urgent fin']) {
    const read = readWords('tcp-flags', text)
    assert.equal(read.kind === 'words' && printWords(read.component), text)
  }
  for (const text of ['not-a-fragment', 'is-fragment not-a-fragment']) {
    const read = readWords('fragment', text)
    assert.equal(read.kind === 'words' && printWords(read.component), text)
  }
  assert.equal(printWords({ type: 'tcp-flags', anyOf: [[some]] }), 'syn ack')
  assert.equal(printWords({ type: 'tcp-flags', anyOf: [[{ ...some, isMatchAll: true }]] }), undefined)
  assert.equal(printWords({ type: 'tcp-flags', anyOf: [[{ ...some, isNot: true, bits: ack }]] }), undefined)
  assert.equal(printWords({ type: 'tcp-flags', anyOf: [[{ ...some, bits: TCP_FLAG_BITS.ece }]] }), undefined)
  const notAll = { isNot: true, isMatchAll: true, bits: 14 }
  assert.equal(printWords({ type: 'fragment', anyOf: [[notAll]] }), undefined)
  const first = { isNot: false, isMatchAll: false, bits: FRAGMENT_BITS.first }
  assert.equal(printWords({ type: 'fragment', anyOf: [[first, first]] }), undefined)
})

test('actions are DDPS’s, rates in bytes per second, and accept does nothing', () => {
  for (const text of DDPS_ACTIONS) assert.equal(printAction(readAction(text) ?? []), text)
  assert.deepEqual(readAction('accept'), [])
  assert.deepEqual(readAction('rate-limit 9600'), [{ kind: 'rate-bytes', bytesPerSecond: 9600, asn: 0 }])
  for (const text of [
    '',
    'drop',
    'rate-limit',
    'rate-limit 0',
    'rate-limit  9600',
    'rate-limit -1',
    'Discard',
  ])
    assert.equal(readAction(text), undefined, text)
  assert.equal(printAction([{ kind: 'rate-bytes', bytesPerSecond: 0, asn: 0 }]), 'discard')
  assert.equal(printAction([{ kind: 'rate-packets', packetsPerSecond: 1, asn: 0 }]), undefined)
  assert.equal(printAction([{ kind: 'discard' }, { kind: 'mark', dscp: 1 }]), undefined)
})
