import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { cursorOf, readCursor } from './cursor.ts'

const place = z.strictObject({ at: z.number(), id: z.string() })

test('a cursor leads back to its place, whatever the place', () => {
  fc.assert(
    fc.property(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), (id, at) => {
      const wanted = JSON.parse(JSON.stringify({ at, id }))

      const read = readCursor('attacks', cursorOf('attacks', wanted), place)

      assert.deepEqual(read, { kind: 'ok', place: wanted })
    }),
  )
})

test('a cursor of another list, a changed one and a made-up one are refused by the name of the field', () => {
  const ours = cursorOf('attacks', { at: 1, id: 'a' })
  const forged = Buffer.from(JSON.stringify({ k: 'attacks', p: { at: 0, id: '' }, c: 'x' })).toString(
    'base64url',
  )
  const cases = [
    cursorOf('events', { at: 1, id: 'a' }),
    cursorOf('attacks', { at: 'later', id: 'a' }),
    ours.slice(0, -3),
    `${ours}AA`,
    forged,
    Buffer.from('[]').toString('base64url'),
    '',
    'a b',
    'A'.repeat(5000),
  ]

  for (const text of cases) {
    const read = readCursor('attacks', text, place)
    assert.equal(read.kind === 'wrong' && read.errors[0]?.at, 'cursor', text.slice(0, 40))
  }
})

test('no text whatever makes reading a cursor throw', () => {
  fc.assert(fc.property(fc.string(), text => void readCursor('attacks', text, place)))
})
