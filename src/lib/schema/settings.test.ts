import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { settingAt, settingsOf } from './settings.ts'

const SCHEMA = z.strictObject({
  workers: z.int().min(1).max(64).default(2).describe('Threads.'),
  limit: z.number().positive().optional().describe('A limit.'),
  mode: z.enum(['fast', 'slow']).default('fast').describe('How.'),
  names: z
    .union([z.literal('own'), z.array(z.string())])
    .default('own')
    .describe('Who.'),
  groups: z
    .record(z.string(), z.strictObject({ size: z.int().describe('Size.') }))
    .default({})
    .describe('Groups.'),
})

test('each setting says in words what may stand there', () => {
  const expected = settingsOf(SCHEMA).children.map(child => [child.name, child.expected])

  assert.deepEqual(Object.fromEntries(expected), {
    workers: 'a whole number from 1 to 64',
    limit: 'a number above 0',
    mode: 'one of fast, slow',
    names: 'own or a list, each text',
    groups: 'a section with keys',
  })
})

test('defaults and missing defaults are told apart', () => {
  const root = settingsOf(SCHEMA)

  assert.equal(settingAt(root, ['workers'])?.defaultValue, 2)
  assert.equal(settingAt(root, ['limit'])?.defaultValue, undefined)
  assert.equal(settingAt(root, ['limit'])?.isRequired, false)
  assert.equal(settingAt(root, ['groups', 'any', 'size'])?.isRequired, true)
})

test('a path leads through lists and through tables under any name', () => {
  const root = settingsOf(SCHEMA)

  assert.equal(settingAt(root, ['names', 3])?.expected, 'text')
  assert.equal(settingAt(root, ['groups', 'web', 'size'])?.description, 'Size.')
  assert.equal(settingAt(root, ['groups', 'web', 'sise']), undefined)
  assert.equal(settingAt(root, ['workers', 'x']), undefined)
})
