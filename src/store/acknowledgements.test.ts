import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Acknowledgements } from './acknowledgements.ts'

test('each event is late after its own time, unless it was told before', async () => {
  const acknowledgements = new Acknowledgements()
  const slow = acknowledgements.event(60_000)
  const quick = acknowledgements.event(5)
  const told = acknowledgements.event(5)
  told.tell({ kind: 'kept' })

  assert.deepEqual(await quick.fate, { kind: 'late' })
  assert.deepEqual(await told.fate, { kind: 'kept' })
  quick.tell({ kind: 'kept' })
  slow.tell({ kind: 'full' })

  assert.deepEqual(await slow.fate, { kind: 'full' })
  assert.deepEqual(await quick.fate, { kind: 'late' })
  acknowledgements.close()
})

test('at the end whoever still waits is told that it is late', async () => {
  const acknowledgements = new Acknowledgements()
  const { fate } = acknowledgements.event(60_000)
  const all = acknowledgements.upTo(3, 60_000)

  acknowledgements.close()

  assert.deepEqual(await fate, { kind: 'late' })
  assert.equal(await all, false)
})
