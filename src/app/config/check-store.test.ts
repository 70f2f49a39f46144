import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { checkStore } from './check-store.ts'
import { configSchema } from './config.ts'

const SOURCE = {
  settings: {},
  problems: [],
  locate: () => ({ file: 'a.yaml', line: 1, column: 1 }),
}
const problemsOf = (postgres: object) => checkStore(configSchema.parse({ store: { postgres } }), SOURCE)

test('one place of the database without a secret in it is taken', () => {
  for (const postgres of [
    { url: 'postgresql:///floodwarden?host=/var/run/postgresql' },
    { url: 'postgres://ann@db.example.org/state' },
    { urlEnv: 'FLOODWARDEN_POSTGRES_URL' },
  ]) {
    assert.deepEqual(problemsOf(postgres), [])
  }
})

test('a password is refused with what to do, and is told to nobody', () => {
  for (const url of [
    'postgresql://ann:s3cret@db.example.org/state',
    'postgres://db.example.org/state?user=ann&password=s3cret',
  ]) {
    const [problem] = problemsOf({ url })

    assert.equal(problem?.severity, 'error')
    assert.equal(problem.path, 'store.postgres.url')
    assert.match(problem.hint ?? '', /name that with urlFile/)
    assert.doesNotMatch(JSON.stringify(problem), /s3cret/)
  }
})

test('a file that is not there or that everybody may read is a warning', t => {
  const urlFile = join(temporaryFolder(t), 'url')
  const told = () => problemsOf({ urlFile }).map(({ severity, message }) => `${severity}: ${message}`)

  assert.match(told()[0] ?? '', /^warning: .*url cannot be read by this user$/)
  writeFileSync(urlFile, 'postgresql:///x', { mode: 0o644 })
  assert.match(told()[0] ?? '', /^warning: everybody on this machine can read /)
  chmodSync(urlFile, 0o600)
  assert.deepEqual(told(), [])
})

test('no place, two places, and what is no address are refused', () => {
  assert.match(problemsOf({})[0]?.hint ?? '', /give one of url, urlFile and urlEnv/)
  assert.match(problemsOf({ urlFile: '/a', urlEnv: 'A' })[0]?.message ?? '', /^urlFile and urlEnv say/)
  for (const url of ['mysql://ann:s3cret@db/state', 's3cret', '']) {
    const [problem] = problemsOf({ url })
    assert.match(problem?.message ?? '', /no address of PostgreSQL/)
    assert.doesNotMatch(JSON.stringify(problem), /s3cret/)
  }
})
