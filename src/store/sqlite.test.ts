// Which errors say that the state file itself is broken.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { isBroken } from './sqlite.ts'

/** What reading this throws. */
function thrownBy(sql: string): unknown {
  const database = new DatabaseSync(':memory:')
  try {
    database.prepare(sql).all()
  } catch (error) {
    return error
  } finally {
    database.close()
  }
  return undefined
}

test('a number that we never write tells of a broken file, a mistake in a query does not', () => {
  assert.equal(isBroken(thrownBy('select 9223372036854775807')), true)
  assert.equal(isBroken(thrownBy('select nothing from nowhere')), false)
  assert.equal(isBroken(undefined), false)
})
