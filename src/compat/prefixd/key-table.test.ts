import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { type Setting, settingsOf } from '#lib/schema/settings.ts'
import { prefixdAlertingSchema } from './alerting-schema.ts'
import { prefixdInventorySchema } from './inventory-schema.ts'
import { PREFIXD_KEYS, type PrefixdFile } from './key-table.ts'
import { prefixdPlaybooksSchema } from './playbooks-schema.ts'
import { prefixdSettingsSchema } from './settings-schema.ts'

const SCHEMAS: Readonly<Record<PrefixdFile, z.ZodType>> = {
  'prefixd.yaml': prefixdSettingsSchema,
  'inventory.yaml': prefixdInventorySchema,
  'playbooks.yaml': prefixdPlaybooksSchema,
  'alerting.yaml': prefixdAlertingSchema,
}

const rows = (file: PrefixdFile) => PREFIXD_KEYS.filter(row => row.file === file).map(({ key }) => key)

/** Keys of a schema, not gone into where the table has a row. */
function keysOf(setting: Setting, key: string, known: ReadonlySet<string>): string[] {
  const any = key.replace(/\.[^.]*$/, '.*')
  if (known.has(key) || (any !== key && known.has(any))) return [known.has(key) ? key : any]
  const children = setting.children.flatMap(child =>
    keysOf(child, key === '' ? child.name : `${key}.${child.name}`, known),
  )
  const list = setting.kind === 'table' ? `${key}.*` : `${key}[]`
  const element = setting.element === undefined ? [] : keysOf(setting.element, list, known)
  return children.length + element.length === 0 ? [key] : [...children, ...element]
}

test('the table has a row for each key that is read, and for no other', () => {
  for (const [file, schema] of Object.entries(SCHEMAS) as [PrefixdFile, z.ZodType][]) {
    const known = new Set(rows(file))
    const read = keysOf(settingsOf(schema), '', known)
    assert.deepEqual([...new Set(read)].toSorted(), [...known].toSorted(), file)
    assert.equal(rows(file).length, known.size, `${file} has a key twice`)
  }
})

test('what is honoured or translated names a setting, and the rest says why not', () => {
  for (const { key, state, setting, note } of PREFIXD_KEYS) {
    const isCarried = state === 'honoured' || state === 'translated'
    assert.equal(setting !== '', isCarried, key)
    if (!isCarried) assert.match(note, /\.$/, key)
  }
})
