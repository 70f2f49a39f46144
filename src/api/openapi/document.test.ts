import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NATIVE_RULES } from '../contract/access-table.ts'
import { openApiDocument } from './document.ts'
import { fieldsOf, referencePage } from './reference-page.ts'

const DOCUMENT = openApiDocument('1.2.3')
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

test('every route of the contract is in it once, under a name of its own, with its role', () => {
  const places = OPERATIONS.map(({ path, method, operation }) => [
    `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    operation['x-role'],
  ])

  assert.deepEqual(
    places.map(([place]) => place).toSorted(),
    NATIVE_RULES.map(({ method, path }) => `${method} ${path}`).toSorted(),
  )
  for (const { method, path, role } of NATIVE_RULES)
    assert.ok(
      places.some(([place, told]) => place === `${method} ${path}` && told === role),
      path,
    )
  assert.equal(new Set(OPERATIONS.map(({ operation }) => operation.operationId)).size, OPERATIONS.length)
})

test('what is in a path is a required parameter, the rest of a GET is in the query and of a POST in the body', () => {
  for (const { path, method, operation } of OPERATIONS) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const fields = fieldsOf(operation)
    assert.deepEqual(
      fields.filter(({ place }) => place === 'path').map(({ name, required }) => [name, required]),
      inPath.map(name => [name, true]),
      path,
    )
    const others = new Set(fields.filter(({ place }) => place !== 'path').map(({ place }) => place))
    const wanted = ['get', 'delete'].includes(method) ? 'query' : 'body'
    assert.ok(
      [...others].every(place => place === wanted),
      `${method} ${path}: ${[...others].join()}`,
    )
  }
})

test('each reference within it leads somewhere, and each answer and refusal has a schema', () => {
  const text = JSON.stringify(DOCUMENT)
  for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    const path = reference.replace('#/', '').split('/')
    const found = path.reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], DOCUMENT)
    assert.ok(found, reference)
  }
  for (const { operation } of OPERATIONS) assert.ok('default' in (operation['responses'] as object))
  assert.equal(DOCUMENT.openapi, '3.1.0')
})

test('the page tells of each operation and runs nothing', () => {
  const page = referencePage(DOCUMENT)

  for (const { operation } of OPERATIONS) assert.match(page, new RegExp(`id="${operation.operationId}"`))
  assert.doesNotMatch(page, /<script|src=|https?:\/\/(?!json-schema)/)
})

test('what may be sent again says so, what holds secrets does not', () => {
  const takesKey = (place: string) =>
    JSON.stringify(DOCUMENT.paths[place]?.['post']).includes('Idempotency-Key')

  assert.ok(takesKey('/api/v1/bans'))
  for (const place of ['/api/v1/session', '/api/v1/tokens', '/api/v1/users', '/api/v1/backup'])
    assert.ok(!takesKey(place), place)
})
