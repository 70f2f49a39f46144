import assert from 'node:assert/strict'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { accessForTests } from '../access/access-for-tests.ts'
import { acceptedEncodings } from './accepted-encodings.ts'
import { ConsoleFiles } from './console-files.ts'

const PAGE = '<!doctype html><title>console</title>'
const HTML = { accept: 'text/html,*/*;q=0.8' }

function setUp(t: TestContext) {
  const folder = temporaryFolder(t)
  const clock = { now: 0 }
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, 'dist', name), text)
    writeFileSync(join(folder, 'dist', `${name}.br`), brotliCompressSync(text))
    writeFileSync(join(folder, 'dist', `${name}.gz`), gzipSync(text))
  }
  const build = (page = PAGE) => {
    mkdirSync(join(folder, 'dist/assets'), { recursive: true })
    put('index.html', page)
    put('assets/main-1a2b.js', 'run()')
    writeFileSync(join(folder, 'secret.js'), 'secret')
  }
  const files = new ConsoleFiles(join(folder, 'dist'), () => clock.now)
  const { server } = accessForTests({}, { console: { files, absence: () => 'it <is> being built' } })
  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers })
  return { folder, clock, build, get }
}

test('a browser gets the page at every path but those of the API, and nobody has to say who he is', async t => {
  const { build, get } = setUp(t)
  build()

  const pages = await Promise.all(['/', '/attacks', '/attacks/a-1?x=/api/'].map(url => get(url, HTML)))
  const others = await Promise.all(
    ['/api/v1/nothing', '/v1/nothing', '/assets/gone.js'].map(url => get(url, HTML)),
  )
  const program = await get('/attacks', { accept: '*/*' })

  for (const { statusCode, body, headers } of pages) {
    assert.deepEqual([statusCode, body], [200, PAGE])
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self';/)
    assert.equal(headers['cache-control'], 'no-cache')
    assert.equal(headers['x-content-type-options'], 'nosniff')
  }
  for (const answer of [...others, program])
    assert.deepEqual([answer.statusCode, answer.json().code], [404, 'unknown-path'])
})

test('files with a digest in their name are kept for ever, and sent as small as they can be read', async t => {
  const { build, get } = setUp(t)
  build()
  const ask = (accept: string) => get('/assets/main-1a2b.js', { 'accept-encoding': accept })

  const [small, older, plain] = [await ask('gzip, br'), await ask('gzip;q=0.5, br;q=0'), await ask('')]
  const again = await get('/', { ...HTML, 'if-none-match': String((await get('/', HTML)).headers.etag) })

  assert.deepEqual(
    [small, older, plain].map(({ headers }) => headers['content-encoding']),
    ['br', 'gzip', undefined],
  )
  assert.deepEqual(small.rawPayload, brotliCompressSync('run()'))
  assert.equal(plain.body, 'run()')
  assert.match(String(plain.headers['cache-control']), /immutable/)
  assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.deepEqual([again.statusCode, again.body], [304, ''])
})

test('no path leads out of the folder, and what is no file of a console is not served', async t => {
  const { build, get } = setUp(t)
  build()

  for (const path of ['../secret.js', '..%2fsecret.js', '%2e%2e/%2e%2e/secret.js', 'main-1a2b.js.br', ''])
    assert.equal((await get(`/assets/${path}`)).statusCode, 404, path)
})

test('without a console it is said why, and a new build is served without a restart', async t => {
  const { folder, clock, build, get } = setUp(t)

  const before = await get('/', HTML)
  build()
  clock.now += 1000
  const built = await get('/', HTML)
  renameSync(join(folder, 'dist'), join(folder, 'old'))
  build('<!doctype html><title>newer</title>')
  clock.now += 1000
  const newer = await get('/', HTML)

  assert.equal(before.statusCode, 503)
  assert.match(before.body, /it &lt;is&gt; being built/)
  assert.equal(before.headers['retry-after'], '5')
  assert.equal(built.body, PAGE)
  assert.match(newer.body, /newer/)
})

test('a file that a build has just put away is refused, and the refusal is kept by nobody', async t => {
  const { folder, build, get } = setUp(t)
  build()
  await get('/', HTML)
  renameSync(join(folder, 'dist'), join(folder, 'old'))

  const [gone, page] = [await get('/assets/main-1a2b.js'), await get('/', HTML)]

  assert.deepEqual([gone.statusCode, gone.headers['cache-control']], [404, 'no-store'])
  assert.deepEqual([page.statusCode, page.headers['cache-control']], [503, 'no-store'])
})

test('encodings are read as they are meant', () => {
  assert.deepEqual(acceptedEncodings(undefined), ['identity'])
  assert.deepEqual(acceptedEncodings('*'), ['br', 'gzip', 'identity'])
  assert.deepEqual(acceptedEncodings('GZIP, deflate;q=0.1'), ['gzip', 'identity'])
  assert.deepEqual(acceptedEncodings('*, br;q=0'), ['gzip', 'identity'])
})
