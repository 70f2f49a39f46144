// Only what nobody uses any more counts as left over.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfaceName, isLabInterface, leftoversAmong, namespaceName } from './leftover.ts'

test('namespaces of dead processes are left over, those of others and of living ones are not', () => {
  const listing = 'fw-100-1-detector (id: 3)\nfw-200-1-generator\nfw-spare\nother\nfw-100-1\n\n'

  const names = leftoversAmong(listing, new Set(), pid => pid === 200)

  assert.deepEqual(names, ['fw-100-1-detector'])
})

test('an earlier process with our number left what we have not made', () => {
  const mine = namespaceName(1, 'detector')
  const foreign = namespaceName(2, 'detector')

  const names = leftoversAmong(`${mine}\n${foreign}\n`, new Set([mine]), () => true)

  assert.deepEqual(names, [foreign])
})

test('interface names are short enough for the kernel and known as ours', () => {
  const name = interfaceName(999, 'b')

  assert.ok(name.length <= 15)
  assert.ok(isLabInterface(name))
  assert.equal(isLabInterface('eth0'), false)
})
