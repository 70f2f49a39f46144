import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileTemplate, type TemplateFields } from './template.ts'

const NAMES = {
  fields: new Set(['name', 'many', 'none', 'isOver']),
  lists: new Map([
    ['targets', new Set(['target', 'size'])],
    ['words', new Set<string>()],
  ]),
}
const FILTERS = { upper: (value: unknown) => String(value ?? '').toUpperCase() }
const FIELDS: TemplateFields = {
  ...{ name: 'acme', many: 3, none: undefined, isOver: false, words: ['a', 'b'] },
  targets: [
    { target: '192.0.2.1', size: 5 },
    { target: '192.0.2.2', size: 0 },
  ],
}

const compile = (text: string) => compileTemplate(text, NAMES, FILTERS)

function written(text: string): string {
  const compiled = compile(text)
  assert.ok(compiled.kind === 'ok', JSON.stringify(compiled))
  return compiled.render(FIELDS)
}

test('fields, filters, conditions and lists are written', () => {
  const cases = [
    ['{{name}} {{ many }}', 'acme 3'],
    ['{{name | upper}}!', 'ACME!'],
    ['[{{none}}]', '[]'],
    ['{{#if none}}yes{{else}}no{{/if}}', 'no'],
    ['{{#if many}}{{#if isOver}}over{{else}}on{{/if}}{{/if}}', 'on'],
    [
      '{{#each targets}}{{target}}={{size}} of {{name}};{{/each}}',
      '192.0.2.1=5 of acme;192.0.2.2=0 of acme;',
    ],
    ['{{#each words}}<{{this}}>{{/each}}', '<a><b>'],
    ['{{words}} {{targets}}', 'a, b 192.0.2.1, 192.0.2.2'],
    ['no } or { matter', 'no } or { matter'],
  ] as const

  for (const [text, expected] of cases) assert.equal(written(text), expected)
})

test('what is wrong is said with its line and column', () => {
  const cases = [
    ['one\n  {{taget}}', '2:3 there is no taget; there are name, many'],
    ['{{name | lower}}', '1:1 there is no filter lower; there are upper'],
    ['{{#if name}}\n\nx', '1:1 {{#if name}} has no end'],
    ['x{{/if}}', '1:2 {{/if}} ends nothing'],
    ['{{#each name}}{{/each}}', '1:1 name is no list; there are targets, words'],
    ['{{#if name}}{{/each}}', '1:13 {{#if name}} is ended by {{/each}} and not by {{/if}}'],
    ['{{#unless name}}', '1:1 there is no #unless; there are #if and #each'],
    ['a {{ name', '1:3 {{ has no }}'],
    ['{{target}}', '1:1 there is no target'],
    ['{{constructor}}', '1:1 there is no constructor'],
    ['{{#if name}}'.repeat(9), '1:97 deeper than 8 blocks'],
  ] as const

  for (const [text, expected] of cases) {
    const compiled = compile(text)
    assert.ok(compiled.kind === 'wrong', text)
    const { line, column, message } = compiled.fault
    assert.ok(`${line}:${column} ${message}`.startsWith(expected), `${line}:${column} ${message}`)
  }
})

test('whatever somebody writes is compiled or refused, and what it makes is bounded', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '#if ',
    '#each ',
    '/if',
    '/each',
    'else',
    'name',
    'targets',
    ' | upper',
    'x\n',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), parts => {
      const compiled = compile(parts.join(''))
      if (compiled.kind === 'ok') assert.ok(compiled.render(FIELDS).length <= 32_768)
      else assert.ok(compiled.fault.line >= 1 && compiled.fault.column >= 1)
    }),
    { numRuns: 300 },
  )
  const many = { ...FIELDS, words: Array.from({ length: 50 }, () => 'w'.repeat(1000)) }
  const nested = compile('{{#each words}}{{#each words}}{{#each words}}{{this}}{{/each}}{{/each}}{{/each}}')
  assert.ok(nested.kind === 'ok' && nested.render(many).length === 32_768)
})

test('lists within lists that write nothing end all the same', () => {
  const words = Array.from({ length: 50 }, () => 'w')
  const empty = compile(`${'{{#each words}}'.repeat(8)}${'{{/each}}'.repeat(8)}{{name}}`)

  assert.ok(empty.kind === 'ok')
  assert.equal(empty.render({ ...FIELDS, words }), '')
})

test('a value is never read as a template', () => {
  const compiled = compile('{{name}}')
  assert.ok(compiled.kind === 'ok')

  assert.equal(compiled.render({ name: '{{many}}' }), '{{many}}')
})
