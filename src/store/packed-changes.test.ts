import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from './change.ts'
import { packChanges, unpackChanges } from './packed-changes.ts'
import { entry, event } from './state-fixtures-for-tests.ts'

test('changes come out as they went in, with their bytes, and of each kind in their order', () => {
  const changes: Change[] = [
    { kind: 'event', event: event('a') },
    { kind: 'hour', scope: 's', hour: 1, body: new Uint8Array([0, 255]) },
    { kind: 'document', document: { kind: 'k', id: 'gone', value: undefined } },
    { kind: 'event', event: event('b', { source: '\ud800 "\u0000' }) },
    { kind: 'audit', entry: entry(1), ticket: 7 },
    { kind: 'hour-gone', scope: 's', hour: 2 },
  ]

  const unpacked = unpackChanges(structuredClone(packChanges(changes)))

  const of = (all: readonly Change[], kind: Change['kind']) => all.filter(change => change.kind === kind)
  for (const kind of ['event', 'hour', 'hour-gone'] as const)
    assert.deepEqual(of(unpacked, kind), of(changes, kind))
  assert.equal(unpacked.length, changes.length)
  const [document] = of(unpacked, 'document')
  assert.equal(document?.kind === 'document' && document.document.value, undefined)
})
