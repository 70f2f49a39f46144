import assert from 'node:assert/strict'
import { test } from 'node:test'
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
    { urlFile: '/etc/floodwarden/postgres-url' },
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

test('no place, two places, and what is no address are refused', () => {
  assert.match(problemsOf({})[0]?.hint ?? '', /give one of url, urlFile and urlEnv/)
  assert.match(problemsOf({ urlFile: '/a', urlEnv: 'A' })[0]?.message ?? '', /^urlFile and urlEnv say/)
  for (const url of ['mysql://ann:s3cret@db/state', 's3cret', '']) {
    const [problem] = problemsOf({ url })
    assert.match(problem?.message ?? '', /no address of PostgreSQL/)
    assert.doesNotMatch(JSON.stringify(problem), /s3cret/)
  }
})
