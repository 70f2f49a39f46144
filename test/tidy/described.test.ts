// Every setting, metric and error code says what it is; the reference pages are made from these words.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import type { MetricDeclaration } from '../../src/lib/metrics/metric.ts'
import { MARKDOWN, ROOT, SOURCES } from './repository.ts'

const isSentence = (text: unknown) => typeof text === 'string' && /^\S.*[.)]$/s.test(text)

/** What the modules of this name export, anywhere in src; they declare and do nothing else. */
async function exportsOf(name: string): Promise<Record<string, unknown>[]> {
  const paths = SOURCES.map(file => file.path).filter(
    path => path.startsWith('src/') && path.endsWith(`/${name}`),
  )
  return Promise.all(paths.map(path => import(join(ROOT, path))))
}

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** Dotted names of properties without a description, at any depth. */
function undescribedSettings(schema: JsonSchema, name: string): string[] {
  const { additionalProperties: others, items, anyOf = [], properties = {} } = schema
  const inner = [...anyOf, ...(items ? [items] : []), ...(typeof others === 'object' ? [others] : [])]
  return [
    ...Object.entries(properties).flatMap(([key, property]) => [
      ...(isSentence(property.description) ? [] : [`${name}.${key}`]),
      ...undescribedSettings(property, `${name}.${key}`),
    ]),
    ...inner.flatMap(part => undescribedSettings(part, name)),
  ]
}

/** Declarations, whether a metrics.ts exports them as a list or by name. */
async function declaredMetrics(): Promise<MetricDeclaration[]> {
  const groups = (await exportsOf('metrics.ts')).flatMap(module => Object.values(module)).filter(isObject)
  const values: unknown[] = groups.flatMap(group => Object.values(group))
  return [...new Set(values)].filter(isMetric)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isMetric = (value: unknown): value is MetricDeclaration =>
  isObject(value) && 'name' in value && 'kind' in value && 'help' in value

const repeated = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) !== at)

const rows = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value : [])

test('every setting says what it does', async () => {
  const schemas = (await exportsOf('config.ts'))
    .flatMap(exported => Object.entries(exported))
    .filter((pair): pair is [string, z.ZodType] => pair[1] instanceof z.ZodType)

  const found = schemas.flatMap(([name, schema]) =>
    undescribedSettings(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, name),
  )

  assert.ok(schemas.length > 5, 'schemas were found')
  assert.deepEqual(found, [])
})

test('the settings check looks into groups, lists and unions', () => {
  const schema = z.strictObject({
    list: z.array(z.strictObject({ a: z.int(), b: z.int().describe('B.') })).describe('L.'),
  })

  assert.deepEqual(undescribedSettings(z.toJSONSchema(schema) as JsonSchema, 'x'), ['x.list.a'])
})

test('every metric says what it counts, under a name of its own', async () => {
  const metrics = await declaredMetrics()
  const names = metrics.map(({ name }) => name)
  const reference = MARKDOWN.find(file => file.path === 'docs/reference/metrics.md')?.text ?? ''

  const undescribed = metrics.filter(({ help }) => !isSentence(help)).map(({ name }) => name)
  const misnamed = names.filter(name => !/^(?:floodwarden|fastnetmon)_[a-z0-9_]+$/.test(name))
  const missing = names.filter(name => !reference.includes(`\`${name}\``))

  assert.ok(names.length > 0, 'metrics were found')
  assert.deepEqual(
    { undescribed, misnamed, missing, repeated: repeated(names) },
    { undescribed: [], misnamed: [], missing: [], repeated: [] },
  )
})

/** Programs whose names look like metrics. */
const PROGRAMS = ['fastnetmon_api_client']

test('every metric named on a page exists', async () => {
  const names = new Set((await declaredMetrics()).map(({ name }) => name))

  const mentioned = MARKDOWN.flatMap(file => file.text.match(/\b(?:floodwarden|fastnetmon)_\w+_\w+\b/g) ?? [])

  assert.deepEqual(
    mentioned.filter(name => !names.has(name) && !PROGRAMS.includes(name)),
    [],
  )
})

test('every error code says what happened, what it means and what to do', async () => {
  const errors = (await exportsOf('errors.ts')).flatMap(exported => rows(exported['ERRORS']))
  const codes = errors.map(error => String(error['code']))

  const undescribed = errors.filter(error => !['what', 'means', 'do'].every(key => isSentence(error[key])))
  const misnamed = codes.filter(code => !/^[a-z]+(?:-[a-z0-9]+)*$/.test(code))

  assert.ok(codes.length > 0, 'errors were found')
  assert.deepEqual(
    { undescribed, misnamed, repeated: repeated(codes) },
    { undescribed: [], misnamed: [], repeated: [] },
  )
})
