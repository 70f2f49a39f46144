// Words that must not be in the repository: notes to oneself, and traces of the place where it was written.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FILES, planted, type RepositoryFile, SOURCES } from './repository.ts'

/** Words are put together here so that this file does not hold them. */
const joined = (...parts: string[]) => parts.join('')

const NOTES = [joined('TO', 'DO'), joined('FIX', 'ME'), joined('X', 'XX')]
const NOTE = new RegExp(`\\b(?:${NOTES.join('|')})\\b`)

const FOREIGN = [
  joined('/', 'work/'),
  joined('/', 'root/'),
  joined('sub', 'agent'),
  joined('assis', 'tant'),
  joined('chat', 'bot'),
  joined('language ', 'model'),
  joined('clau', 'de'),
  joined('anth', 'ropic'),
  joined('co', 'pilot'),
  joined('before', '-stop'),
  joined('registry.', 'npm'),
  joined('deb.', 'debian.org'),
]

const linesWith = (file: RepositoryFile, isBad: (line: string) => boolean): string[] =>
  file.text.split('\n').flatMap((line, at) => (isBad(line) ? [`${file.path}:${at + 1}: ${line.trim()}`] : []))

const notes = (files: readonly RepositoryFile[]) =>
  files.flatMap(file => linesWith(file, line => NOTE.test(line)))

const foreignWords = (files: readonly RepositoryFile[]) =>
  files.flatMap(file => linesWith(file, line => FOREIGN.some(word => line.toLowerCase().includes(word))))

test('no note is left in the code', () => {
  assert.deepEqual(notes(SOURCES), [])
  assert.equal(notes([planted('src/a.ts', `// ${NOTES[0]}: finish`)]).length, 1)
})

test('nothing tells where the files were written', () => {
  assert.deepEqual(foreignWords(FILES), [])
  assert.equal(foreignWords([planted('docs/a.md', `see ${FOREIGN[0]}main`)]).length, 1)
})
