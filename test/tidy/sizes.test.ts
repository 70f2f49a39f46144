// Files end at 400 lines, functions at 70, the READMEs of stages at 25.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FILES, planted, type RepositoryFile, SOURCES } from './repository.ts'

const FILE_LINES = 400
const FUNCTION_LINES = 70
const STAGE_README_LINES = 25

/** Tables of constants that are longer than a file may be. */
const TABLES: readonly string[] = []

/** Long functions of hot files: V8 must see the loop as one function. Each has the bench that says so. */
const LONG_HOT_FUNCTIONS: Readonly<Record<string, string>> = {}

const linesOf = (file: RepositoryFile) => file.text.split('\n').length - 1
const isHot = (file: RepositoryFile) => file.text.startsWith('// Hot path.')

function longFiles(files: readonly RepositoryFile[]): string[] {
  return files
    .filter(file => linesOf(file) > FILE_LINES && !TABLES.includes(file.path))
    .map(file => `${file.path}: ${linesOf(file)} lines`)
}

function longFunctions(files: readonly RepositoryFile[]): string[] {
  return files.flatMap(file =>
    functionsOf(file.text)
      .filter(({ lines }) => lines > FUNCTION_LINES)
      .filter(({ name }) => !(isHot(file) && `${file.path} ${name}` in LONG_HOT_FUNCTIONS))
      .map(({ name, lines, at }) => `${file.path}:${at}: ${name} has ${lines} lines`),
  )
}

const CONTROL = /^(?:\} )?(?:if|for|while|switch|catch|else|do|try|finally|class|interface|type|namespace)\b/
const FUNCTION =
  /\bfunction\b|=> \{$|^(?:(?:static|async|get|set|override|private|protected)\s+|\*)*[\w#[\].]+\(/

/**
 * Functions with a body of their own, callbacks too. The formatter puts the end of a block at the indentation of its
 * beginning, so lines are enough to find both.
 */
function functionsOf(text: string): { name: string; lines: number; at: number }[] {
  const lines = text.split('\n')
  const indents = lines.map(line => line.search(/\S/))
  return lines.flatMap((line, last) => {
    if (!line.endsWith('{')) return []
    const indent = indents[last] ?? 0
    const first = line.trimStart().startsWith(')') ? indents.lastIndexOf(indent, last - 1) : last
    const head = (lines[first] ?? '').trim()
    if (CONTROL.test(head) || !(FUNCTION.test(head) || line.endsWith('=> {'))) return []
    const end = indents.findIndex(
      (other, at) => at > last && other === indent && lines[at]?.trim().startsWith('}'),
    )
    const name = /(?:function\*?|const|let)\s+([\w$]+)/.exec(head)?.[1] ?? head.split('(')[0] ?? ''
    return [{ name, lines: end - first + 1, at: first + 1 }]
  })
}

test('no file is longer than 400 lines', () => {
  assert.deepEqual(longFiles(SOURCES), [])
  assert.equal(longFiles([planted('src/a.ts', ...Array<string>(401).fill('// a'))]).length, 1)
})

test('no function is longer than 70 lines, hot loops on the list apart', () => {
  assert.deepEqual(longFunctions(SOURCES), [])
})

test('the function check measures functions, methods, arrows and callbacks, and nothing else', () => {
  const body = Array<string>(70).fill('  a()')
  const long = [
    planted('a.ts', 'export function a(): void {', ...body, '}'),
    planted('b.ts', 'export const b = async (one: number): Promise<void> => {', ...body, '}'),
    planted(
      'c.ts',
      'class C {',
      '  async *walk(',
      '    one: number,',
      '  ): void {',
      ...body.map(l => `  ${l}`),
      '  }',
      '}',
    ),
    planted('d.ts', "test('d', () => {", ...body, '})'),
    planted('e.ts', 'function e(', '  one: number,', '): void {', ...body, '}'),
  ]
  const fine = [
    planted('f.ts', 'export class F {', ...body, '}'),
    planted('g.ts', 'if (a) {', ...body, '}'),
    planted('h.ts', 'export const H = {', ...body, '}'),
    planted('i.ts', 'function i(): void {', ...body.slice(2), '}'),
  ]

  assert.deepEqual(
    longFunctions(long).map(found => found.split(':')[0]),
    ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts'],
  )
  assert.deepEqual(longFunctions(fine), [])
})

test('each long hot function still exists and names its bench', () => {
  for (const [place, bench] of Object.entries(LONG_HOT_FUNCTIONS)) {
    const [path, name] = place.split(' ')
    const file = FILES.find(candidate => candidate.path === path)
    assert.ok(file && isHot(file), `${path} is not a hot file`)
    assert.ok(
      functionsOf(file.text).some(found => found.name === name && found.lines > FUNCTION_LINES),
      place,
    )
    assert.ok(
      FILES.some(candidate => candidate.path === bench),
      `${bench} does not exist`,
    )
  }
})

test('the README of a stage fits on half a screen', () => {
  const readmes = FILES.filter(file => /^src\/[1-8]-[^/]+\/README\.md$/.test(file.path))

  const long = readmes.filter(file => linesOf(file) > STAGE_README_LINES).map(file => file.path)

  assert.deepEqual(long, [])
})
