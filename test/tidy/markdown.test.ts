// The words around the code: titles, links, the two commands, and stages that say what ARCHITECTURE.md says.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { FILES, MARKDOWN, planted, type RepositoryFile, ROOT } from './repository.ts'

const textOf = (path: string) => FILES.find(file => file.path === path)?.text ?? ''

/** Markdown without its code blocks and inline code. */
const prose = (file: RepositoryFile) => file.text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

const withoutOneTitle = (files: readonly RepositoryFile[]) =>
  files
    .filter(file => !file.text.startsWith('# ') || (prose(file).match(/^# /gm) ?? []).length !== 1)
    .map(file => file.path)

const brokenLinks = (files: readonly RepositoryFile[]) =>
  files.flatMap(file =>
    [...prose(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(match => match[1] ?? '')
      .filter(target => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(file.path), target)))
      .map(target => `${file.path}: ${target} does not exist`),
  )

/** Stages whose README does not begin with the stage's line in the architecture. */
const strangers = (stages: readonly RepositoryFile[], architecture: string) =>
  stages
    .filter(file => !architecture.split('\n').includes(`- ${file.text.split('\n')[0]?.slice(2)}`))
    .map(f => f.path)

test('every page has one title, and begins with it', () => {
  assert.deepEqual(withoutOneTitle(MARKDOWN), [])
  assert.deepEqual(withoutOneTitle([planted('a.md', '# A', '# B'), planted('b.md', 'B')]), ['a.md', 'b.md'])
})

test('every link inside the repository leads somewhere', () => {
  assert.deepEqual(brokenLinks(MARKDOWN), [])
  assert.equal(brokenLinks([planted('docs/a.md', '[b](no-such-page.md)')]).length, 1)
})

test('each stage has a README, and it begins with its line of ARCHITECTURE.md', () => {
  const stages = new Set(FILES.map(file => /^src\/[1-8]-[^/]+\//.exec(file.path)?.[0]).filter(Boolean))
  const readmes = FILES.filter(file => /^src\/[1-8]-[^/]+\/README\.md$/.test(file.path))

  assert.equal(readmes.length, stages.size)
  assert.deepEqual(strangers(readmes, textOf('ARCHITECTURE.md')), [])
  assert.deepEqual(
    strangers([planted('src/1-capture/README.md', '# 1-capture: other words')], '- 1-capture: a'),
    ['src/1-capture/README.md'],
  )
})

test('the README begins and tests the product in two commands, and .ci/run calls the second', () => {
  const readme = textOf('README.md')

  assert.match(readme, /npm ci && npm start/)
  assert.match(readme, /npm ci && npm test/)
  assert.match(textOf('.ci/run'), /npm ci && npm test/)
})
