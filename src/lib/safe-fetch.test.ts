import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import {
  type Allowance,
  allowanceOf,
  type FetchRules,
  judgeUrl,
  NOTHING_ALLOWED,
  safeFetch,
} from './safe-fetch.ts'

const RULES: FetchRules = { allowance: NOTHING_ALLOWED, timeoutMs: 2000, answerBytesMax: 100 }

async function serving(t: TestContext, listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

const post = (url: string, rules: Partial<FetchRules>) =>
  safeFetch(
    { url, method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":"ü"}' },
    { ...RULES, ...rules },
  )

const LOCAL: Allowance = allowanceOf(['127.0.0.1/32'], true)

test('a request reaches what is allowed, with its body, and brings back what is bounded', async t => {
  const heard: unknown[] = []
  const port = await serving(t, async (request, response) => {
    const parts = await Array.fromAsync(request)
    heard.push(request.url, request.headers.host, Buffer.concat(parts).toString())
    response.writeHead(429, { 'retry-after': '7' }).end('x'.repeat(5000))
  })

  const answer = await post(`http://127.0.0.1:${port}/a?b=c`, { allowance: LOCAL })

  assert.deepEqual(answer, { kind: 'answered', status: 429, body: 'x'.repeat(100), retryAfterSeconds: 7 })
  assert.deepEqual(heard, ['/a?b=c', `127.0.0.1:${port}`, '{"a":"ü"}'])
})

test('no redirect is followed', async t => {
  let asked = 0
  const port = await serving(t, (_, response) => {
    asked++
    response.writeHead(302, { location: '/elsewhere' }).end()
  })

  const answer = await post(`http://127.0.0.1:${port}/`, { allowance: LOCAL })

  assert.deepEqual(answer, { kind: 'answered', status: 302, body: '' })
  assert.equal(asked, 1)
})

test('a name that means another address the next time gains nothing: it is asked once', async t => {
  const hosts: (string | undefined)[] = []
  const port = await serving(t, (request, response) => {
    hosts.push(request.headers.host)
    response.end('ok')
  })
  let asked = 0
  const resolve = async () => (asked++ === 0 ? ['127.0.0.1'] : ['127.0.0.2'])

  const answer = await post(`http://rebinding.example:${port}/`, { allowance: LOCAL, resolve })

  assert.equal(answer.kind, 'answered')
  assert.equal(asked, 1)
  assert.deepEqual(hosts, [`rebinding.example:${port}`])
})

test('a name with one address inside is refused, whatever else it has', async t => {
  let asked = 0
  const port = await serving(t, (_, response) => {
    asked++
    response.end()
  })
  const inside = [
    '127.0.0.1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::1',
    '169.254.169.254',
  ]
  for (const address of [...inside, 'fe80::1%eth0', 'nonsense']) {
    const resolve = async () => ['1.1.1.1', address]
    const answer = await post(`https://rebinding.example:${port}/`, { resolve })
    assert.equal(answer.kind, 'refused', address)
  }
  assert.equal(asked, 0)
})

test('an allowed host may be anywhere, another one that is there may not', async t => {
  const port = await serving(t, (_, response) => {
    response.end('ok')
  })
  const rules = {
    allowance: allowanceOf(['Hooks.internal.example'], true),
    resolve: async () => ['127.0.0.1'],
  }

  assert.equal((await post(`http://hooks.internal.example.:${port}/`, rules)).kind, 'answered')
  assert.equal((await post(`http://other.internal.example:${port}/`, rules)).kind, 'refused')
  assert.equal((await post(`https://other.internal.example:${port}/`, rules)).kind, 'refused')
})

test('addresses inside are refused in each way of writing them', () => {
  const hosts = [
    ...[
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '127.1',
      '0',
      'localhost',
      'a.localhost.',
      'LOCALHOST',
    ],
    ...['[::1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]', '[64:ff9b::a00:1]', '[2002:a00:1::]', '[fd00::1]'],
    ...[
      '10.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '192.0.2.1',
      '224.0.0.1',
      '255.255.255.255',
      '[ff02::1]',
    ],
  ]
  for (const host of hosts) assert.equal(judgeUrl(`https://${host}/x`, NOTHING_ALLOWED).kind, 'refused', host)
})

test('only https is spoken, and no user stands in a URL', () => {
  const urls = [
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://u:p@example.com/',
    'x',
  ]
  for (const url of urls) assert.equal(judgeUrl(url, NOTHING_ALLOWED).kind, 'refused', url)
  assert.equal(judgeUrl('http://8.8.8.8/', allowanceOf(['10.0.0.0/8'], true)).kind, 'refused')
  assert.equal(judgeUrl('https://example.com/', NOTHING_ALLOWED).kind, 'fine')
})

test('an answer that does not come ends in time', async t => {
  const port = await serving(t, (_, response) => {
    response.writeHead(200).write('begun')
  })

  const slow = await post(`http://127.0.0.1:${port}/`, { allowance: LOCAL, timeoutMs: 100 })
  const stuck = await post('https://example.com/', { timeoutMs: 50, resolve: () => new Promise(() => {}) })

  assert.deepEqual(slow, { kind: 'failed', error: '127.0.0.1: no answer within 0.1 s' })
  assert.deepEqual(stuck, { kind: 'failed', error: 'example.com: no answer within 0.05 s' })
})

test('no error holds what stands behind the host', async () => {
  const secret = fc.stringMatching(/^[a-z0-9]{12}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        'https://127.0.0.1:1',
        'https://host.example',
        'http://h.example',
        'https://u:p@h.example',
      ),
      secret,
      fc.constantFrom('/', '/?token=', '/#', '/a b/'),
      async (begin, secret, between) => {
        const url = `${begin}${between}${secret}`
        const resolve = async () => {
          throw Object.assign(new Error(url), { url })
        }
        for (const allowance of [NOTHING_ALLOWED, allowanceOf(['127.0.0.1'], true)]) {
          const answer = await post(url, { allowance, resolve })
          assert.ok(answer.kind !== 'answered')
          assert.ok(!answer.error.includes(secret), answer.error)
        }
      },
    ),
    { numRuns: 30 },
  )
})
