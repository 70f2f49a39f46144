// The page about prefixd shows a folder and the native file it becomes: both are what the program says.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/app/config/load.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { MARKDOWN } from './repository.ts'

const page = MARKDOWN.find(({ path }) => path === 'docs/operate/migrate-from-prefixd.md')?.text ?? ''
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}))

test('the folder on the page is accepted without a warning, and is the native file beside it', t => {
  const folder = temporaryFolder(t)
  const files = blocks.flatMap(({ text }) => {
    const name = /^# (\w+\.yaml)\n/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })
  for (const { name, text } of files) writeFileSync(join(folder, name), text)
  const native = join(temporaryFolder(t), 'native.yaml')
  writeFileSync(native, blocks.find(({ kind }) => kind === 'yaml')?.text ?? '')

  const loaded = loadConfig({ file: folder })
  const again = loadConfig({ file: native })

  assert.deepEqual(
    files.map(({ name }) => name),
    ['prefixd.yaml', 'inventory.yaml', 'playbooks.yaml'],
  )
  assert.deepEqual(
    loaded.problems.filter(({ severity }) => severity !== 'notice'),
    [],
  )
  assert.ok(loaded.kind === 'ok' && again.kind === 'ok', JSON.stringify(again.problems))
  assert.deepEqual(again.config, loaded.config)
})

test('the commands on the page change the folder as the page says', () => {
  const sed = /sed -i (.*) \/tmp\/compare-prefixd/.exec(page)?.[1] ?? ''
  const rules = [...sed.matchAll(/-e 's\/(.*?)\/(.*?)\/'/g)].map(([, from = '', to = '']) => ({ from, to }))
  const shipped =
    'mode: enforced\nhttp:\n  listen: 0.0.0.0:8080\nobservability:\n  metrics_listen: 0.0.0.0:9090\n'

  const changed = rules.reduce((text, { from, to }) => text.replace(new RegExp(from, 'm'), to), shipped)

  assert.equal(
    changed,
    'mode: dry-run\nhttp:\n  listen: 127.0.0.1:8081\nobservability:\n  metrics_listen: 127.0.0.1:9210\n',
  )
})
