import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { create } from '#7-mitigation/transitions.ts'
import { mitigationSchema } from './mitigation-schema.ts'

test('whose traffic a mitigation touches is read back, and missing where it was not known', () => {
  const proposal = {
    attack: exampleAttack(),
    ordinal: 0,
    action: { kind: 'filter', enforcer: 'gobgp', rule: 'destination 192.0.2.1/32 then discard' } as const,
    ...{ reason: 'because', enforcer: 'gobgp', maximumSeconds: 60 },
  }
  const known = create({ ...proposal, customer: 'acme', pop: 'vie' }, 1000)
  const unknown = create({ ...proposal, customer: undefined }, 1000)

  assert.deepEqual(mitigationSchema.parse(JSON.parse(JSON.stringify(known))), known)
  assert.deepEqual(mitigationSchema.parse(JSON.parse(JSON.stringify(unknown))), unknown)
  assert.deepEqual([known.customer, known.pop, 'customer' in unknown], ['acme', 'vie', false])
})
