import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { DdpsClient } from '#compat/ddps/client.ts'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { answerAsDdps, ddpsServerFor } from '#compat/ddps/server-for-tests.ts'
import { authorityFor } from '../../../test/certificates.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type RulePostOptions, rulePost } from './rule-post.ts'

function credentials(t: TestContext, text = 'username=ann\npassword=secret\n', mode = 0o600): string {
  const path = join(temporaryFolder(t), 'credentials')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

async function post(t: TestContext, url: string, input: string, changes: Partial<RulePostOptions> = {}) {
  let [out, err] = ['', '']
  const output = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  const usual = { file: '-', url, credentialsFile: '', caFile: undefined, timeoutSeconds: 5 }
  const options = { ...usual, credentialsFile: changes.credentialsFile ?? credentials(t), ...changes }
  const code = await rulePost(options, output, () => Readable.from([input]))
  return { code, out, err }
}

test('a rule is posted with the cookie of the sign-in', async t => {
  const { heard, url } = await ddpsServerFor(t)

  const { code, out, err } = await post(t, `${url}/`, JSON.stringify(ddpsRule()))

  assert.deepEqual([code, out, err], [0, 'rule accepted\n', ''])
  assert.deepEqual(heard, [
    { path: '/signin', cookie: undefined, body: { username: 'ann', password: 'secret' } },
    { path: '/addrule', cookie: 'token=abc.def', body: ddpsRule() },
  ])
})

test('several rules take one sign-in, and the first that is refused ends it', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const rules = [ddpsRule(), ddpsRule({ description: 'taken' }), ddpsRule()]

  const { code, out, err } = await post(t, url, JSON.stringify(rules))

  assert.equal(code, 1)
  assert.equal(out, 'rule accepted\n')
  assert.equal(err, 'floodwarden: standard input[1]: the server refuses it (400): the same rule is live\n')
  assert.deepEqual(
    heard.map(({ path }) => path),
    ['/signin', '/addrule', '/addrule'],
  )
})

test('a wrong password ends with 1, and is not shown', async t => {
  const { url } = await ddpsServerFor(t)

  const { code, err } = await post(t, url, JSON.stringify(ddpsRule()), {
    credentialsFile: credentials(t, 'username=ann\npassword=wr0ng-one\n'),
  })

  assert.equal(code, 1)
  assert.match(err, /refuses it \(401\): user \/ password is wrong or unknown/)
  assert.doesNotMatch(err, /wr0ng-one/)
})

test('what is wrong before anything is sent is said', async t => {
  const { heard, url } = await ddpsServerFor(t)
  const rule = JSON.stringify(ddpsRule())
  const cases: [string, string, string, string | undefined, RegExp][] = [
    ['readable by others', url, rule, credentials(t, undefined, 0o644), /chmod 600/],
    ['no password', url, rule, credentials(t, 'username=ann\n'), /does not hold two lines/],
    ['no file', url, rule, '/nonexistent/credentials', /cannot be read/],
    ['plain HTTP abroad', 'http://192.0.2.1', rule, undefined, /use https/],
    ['a password in the URL', 'https://ann:secret@192.0.2.1', rule, undefined, /holds a password/],
    ['no URL', 'ddps', rule, undefined, /is no URL/],
    ['no JSON', url, '{', undefined, /it is no JSON/],
    ['no rule', url, '[]', undefined, /it holds 0 rules/],
    ['too much', url, ' '.repeat(2 << 20), undefined, /it is larger than 1048576 bytes/],
    ['a key too few', url, '{"thenaction":"discard"}', undefined, /destinationprefix is missing/],
  ]
  for (const [name, at, input, file, words] of cases) {
    const { code, err } = await post(t, at, input, { credentialsFile: file ?? credentials(t) })
    assert.equal(code, 1, name)
    assert.match(err, words, name)
    assert.doesNotMatch(err, /secret/, name)
  }
  assert.deepEqual(heard, [])
})

test('a server in trouble, a silent one and none at all are failures with their reason', async t => {
  const trouble = await ddpsServerFor(t, (_, response) =>
    response.writeHead(500).end('internal error creating token'),
  )
  const endless = await ddpsServerFor(t, (_, response) => response.end('x'.repeat(5 << 20)))
  const silent = await ddpsServerFor(t, () => {})
  const rule = JSON.stringify(ddpsRule())

  assert.match((await post(t, endless.url, rule)).err, /answers with more than 4194304 bytes/)
  assert.match((await post(t, trouble.url, rule)).err, /: the server answers 500: internal error/)
  assert.match(
    (await post(t, silent.url, rule, { timeoutSeconds: 0.1 })).err,
    /: the server gave no answer within 0\.1 s/,
  )
  assert.match((await post(t, 'http://127.0.0.1:1', rule)).err, /ECONNREFUSED/)
})

test('TLS is verified: by an authority that is named, and not without it', async t => {
  const authority = authorityFor(t)
  if (authority === undefined) return
  const { certificate, key } = authority.sign('ddps', 'IP:127.0.0.1')
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') }
  const { heard, url } = await ddpsServerFor(t, answerAsDdps, tls)
  const rule = JSON.stringify(ddpsRule())

  const without = await post(t, url, rule)
  const heardWithout = heard.length
  const withIt = await post(t, url, rule, { caFile: authority.certificate })

  assert.equal(without.code, 1)
  assert.match(without.err, /the server was not reached: [A-Z_]*(?:CERT|SIGNATURE|SIGNED)/)
  assert.equal(heardWithout, 0)
  assert.deepEqual([withIt.code, withIt.out], [0, 'rule accepted\n'])
})

test('rules are withdrawn by their keys where the server lists them', async t => {
  const rows = [
    { ...ddpsRule(), flowspecruleid: 'a', durationminutes: '9' },
    { ...ddpsRule({ description: 'another' }), flowspecruleid: 'b' },
  ]
  const { heard, url } = await ddpsServerFor(t, (one, response) => {
    if (one.path === '/rules?which=active') return response.writeHead(200).end(JSON.stringify(rows))
    if (one.path.endsWith('/withdraw')) return response.writeHead(200).end('rule withdrawn')
    return answerAsDdps(one, response)
  })
  const client = new DdpsClient({
    door: { kind: 'url', url },
    credentials: { username: 'ann', password: 'secret' },
    timeoutMs: 5000,
  })

  assert.deepEqual(await client.withdraw([ddpsRule()]), { kind: 'done', text: '1 withdrawn' })
  assert.deepEqual(
    heard.map(({ path }) => path),
    ['/signin', '/rules?which=active', '/rules/a/withdraw'],
  )
})
