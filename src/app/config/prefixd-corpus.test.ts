import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { formatProblem } from './format-problem.ts'
import { loadConfig } from './load.ts'
import { toYaml } from './to-yaml.ts'

const CORPUS = join(import.meta.dirname, '../../../test/prefixd')
const load = (file: string) => loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })

function saidAbout(name: string): string {
  const loaded = load(join(CORPUS, name))
  const said = loaded.problems.map(problem => `${formatProblem(problem)}\n`).join('')
  return `${said}${loaded.kind}\n`.replaceAll(`${CORPUS}/${name}/`, '')
}

const NAMES = readdirSync(CORPUS, { withFileTypes: true }).flatMap(entry =>
  entry.isDirectory() ? [entry.name] : [],
)

for (const name of NAMES) {
  test(`what the folder of prefixd "${name}" says is told with its line, and no secret is`, () => {
    const said = saidAbout(name)

    assert.equal(said, readFileSync(join(CORPUS, name, 'said'), 'utf8'))
    assert.doesNotMatch(said, /hunter2|771234567177/)
  })
}

const ACCEPTED = NAMES.filter(name => load(join(CORPUS, name)).kind === 'ok')

test('most folders of the corpus are accepted', () => {
  assert.deepEqual(
    NAMES.filter(name => !ACCEPTED.includes(name)),
    ['wrong'],
  )
})

for (const name of ACCEPTED) {
  test(`the native equivalent of the folder "${name}" is the same configuration`, t => {
    const loaded = load(join(CORPUS, name))
    assert.ok(loaded.kind === 'ok')
    const file = join(temporaryFolder(t), 'native.yaml')

    writeFileSync(file, toYaml(loaded.source, name))

    const again = load(file)
    assert.ok(again.kind === 'ok', JSON.stringify(again.problems))
    assert.deepEqual(again.config, loaded.config)
    assert.doesNotMatch(JSON.stringify([loaded.config, loaded.keys]), /hunter2/)
  })
}
