import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { configSchema, defaultConfig, settingsTree } from './config.ts'
import { validate } from './validate.ts'

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../config/floodwarden.example.yaml'), 'utf8')

function configOf(text: string) {
  const validated = validate(readYaml(text, 'example.yaml'))
  if (validated.kind === 'refused') assert.fail(JSON.stringify(validated.problems, null, 1))
  return validated.config
}

test('the example as it is means the defaults', () => {
  assert.deepEqual(configOf(EXAMPLE), defaultConfig())
})

test('the example with every key set is valid, and its defaults are the real ones', () => {
  // A comment sign is a key's when the key follows at once or, inside a block, after spaces of indentation.
  const everything = EXAMPLE.replaceAll(/^(\s*)#((?: {2,})?[A-Za-z]\w*:(?: .*)?)$/gm, '$1$2')
  const { hostgroups, enforcement, ...config } = configOf(everything)
  const { hostgroups: _, enforcement: __, ...defaults } = defaultConfig()

  // What has no default stands there as an example.
  assert.partialDeepStrictEqual(config, defaults)
  assert.deepEqual(Object.keys(hostgroups), ['caches'])
  assert.equal(enforcement.notifyScript.path, '/usr/local/bin/notify_about_attack.sh')
})

test('writing all defaults down gives the defaults', () => {
  assert.deepEqual(configSchema.parse(defaultConfig()), defaultConfig())
})

test('the sections are those that parts of the program read', () => {
  assert.deepEqual(
    settingsTree().children.map(child => child.name),
    Object.keys(defaultConfig()),
  )
})
