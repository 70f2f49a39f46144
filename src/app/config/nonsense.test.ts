import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatProblem } from './format-problem.ts'
import { loadConfig } from './load.ts'

const CORPUS = join(import.meta.dirname, '../../../test/nonsense')
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-nonsense-'))
after(() => rmSync(folder, { recursive: true }))

/** So that nothing depends on what this machine has in /etc. */
const USUAL = {
  networks_list_path: 'NONSENSE/empty',
  white_list_path: 'NONSENSE/empty',
  whitelist_rules_path: 'NONSENSE/empty',
  notify_script_path: '/bin/sh',
}

/** What is said about a file of the corpus; the lists beside it are named by NONSENSE/. */
function saidAbout(name: string): string {
  const written = readFileSync(join(CORPUS, name), 'latin1')
  const added = Object.entries(USUAL).filter(([key]) => !written.includes(`${key} =`))
  const lines = added.map(([key, value]) => `${key} = ${value}\n`).join('')
  const text = `${written}${lines}`.replaceAll('NONSENSE', CORPUS)
  const file = join(folder, name)
  writeFileSync(file, text, 'latin1')
  const loaded = loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })
  // What is not carried changes with each version; these files are about the rest.
  const told = loaded.problems.filter(({ code }) => code !== 'fastnetmon-not-carried')
  const said = told.map(problem => `${formatProblem(problem)}\n`).join('')
  return `${said}${loaded.kind}\n`.replaceAll(`${folder}/`, '').replaceAll(`${CORPUS}/`, '')
}

for (const name of readdirSync(CORPUS).filter(file => file.endsWith('.conf'))) {
  test(`what ${name} says in vain is told with its line`, () => {
    const expected = readFileSync(join(CORPUS, name.replace('.conf', '.said')), 'utf8')

    assert.equal(saidAbout(name), expected)
  })
}
