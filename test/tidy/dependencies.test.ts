// Each runtime dependency is used, pinned, and has its reason in ADR 0009.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import lock from '../../package-lock.json' with { type: 'json' }
import { FILES, importsOf, isForTests, SOURCES } from './repository.ts'

/** The pinned Node: named by the launcher, imported by nobody. */
const RUNTIMES = Object.keys(manifest.optionalDependencies)
const LIBRARIES = Object.keys(manifest.dependencies)

const product = SOURCES.filter(({ path }) => path.startsWith('src/') && !isForTests(path))
const imported = [...new Set(product.flatMap(importsOf))].filter(
  target => !/^(?:src\/|node:|package\.json$)/.test(target),
)

test('the product imports its dependencies and no other package', () => {
  assert.deepEqual(imported.toSorted(), LIBRARIES.toSorted())
})

test('each dependency has its reason in the decision, and nothing else has one', () => {
  const decision = FILES.find(({ path }) => path === 'docs/adr/0009-runtime-dependencies.md')?.text ?? ''

  const reasoned = [...decision.matchAll(/^\| ([@a-z][\w@/, -]*) \|/gm)].flatMap(
    match => match[1]?.split(', ') ?? [],
  )

  assert.deepEqual(
    reasoned.filter(name => name !== 'package').toSorted(),
    [...LIBRARIES, ...RUNTIMES].toSorted(),
  )
})

test('every version is exact', () => {
  const versions = Object.values({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  })

  assert.deepEqual(
    versions.filter(version => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  )
})

test('the lock file records no download addresses', () => {
  const packages: Record<string, object> = lock.packages
  const downloaded = Object.values(packages).filter(entry => !('link' in entry))

  assert.ok(
    !JSON.stringify(downloaded).includes('"resolved"'),
    'install with omit-lockfile-registry-resolved',
  )
})

test('the lock file holds the packages for every platform, without which npm ci refuses it', () => {
  const packages: Record<string, object> = lock.packages
  const optional = Object.values(packages).flatMap(entry =>
    Object.keys('optionalDependencies' in entry ? Object(entry.optionalDependencies) : {}),
  )

  assert.deepEqual(
    optional.filter(name => !(`node_modules/${name}` in packages)),
    [],
  )
})
