import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from './load.ts'

function saidOf(t: TestContext, yaml: string): string[] {
  const file = join(temporaryFolder(t), 'native.yaml')
  writeFileSync(file, `networks: [192.0.2.0/24]\n${yaml}`)
  const read = loadConfig({ file, ownAddresses: () => [] })
  return read.problems
    .filter(({ code }) => code !== 'config-api-plain')
    .map(({ line, column, severity, code, message }) => `${line}:${column} ${severity} ${code} ${message}`)
}

test('errors in a template, and names that are not there, are refused at their place', t => {
  const said = saidOf(
    t,
    `notify:
  destinations:
    chat: { type: syslog, server: "127.0.0.1:514", template: shrt }
  templates:
    short:
      title: "{{taget}}"
      text: |
        fine
        {{#if open}}no end
  routes:
    - { to: [chat, pagr] }
    - { customers: [nobody], hostgroups: [none], to: [chat] }
`,
  )

  assert.match(said[0] ?? '', /^4:62 error config-notify-name there is no template shrt$/)
  assert.match(
    said[1] ?? '',
    /^7:14 error config-template line 1, column 1 of the text: there is no taget; there are id,/,
  )
  assert.match(
    said[2] ?? '',
    /^8:13 error config-template line 2, column 1 of the text: \{\{#if open\}\} has no end$/,
  )
  assert.deepEqual(said.slice(3), [
    '12:20 error config-notify-name there is no destination pagr',
    '13:21 warning config-notify-name there is no customer nobody',
    '13:43 warning config-notify-name there is no hostgroup none',
  ])
})

test('what cannot be reached or read is a warning, and no secret is quoted', t => {
  const said = saidOf(
    t,
    `notify:
  destinations:
    a: { type: slack, url: { env: NOT_THERE_AT_ALL } }
    b: { type: email, to: [noc@example.net] }
    c: { type: pagerduty, routingKey: { env: PATH }, apiUrl: "http://10.0.0.1/qqSECRET" }
    d: { type: syslog, server: "127.0.0.1:6514", transport: tls, caFile: /nonexistent/ca.pem }
`,
  )

  assert.deepEqual(
    said.map(line => line.replace(/^\S+ /, '')),
    [
      'warning config-notify it is told nothing: the environment variable NOT_THERE_AT_ALL is not set',
      'warning config-notify no mail can be sent: notify.email.server is off',
      'warning config-notify it is told nothing: 10.0.0.1: it must use https',
      'warning config-notify /nonexistent/ca.pem cannot be read by this user',
    ],
  )
})

test('a secret that is written where its place belongs is refused and quoted nowhere', t => {
  const cases = [
    ['{ type: slack, url: "https://x/qqSECRET" }', /expected \{file: PATH\} or \{env: NAME\}/],
    ['{ type: slack }', /expected either url or botToken for slack/],
    ['{ type: slack, botToken: { env: A } }', /expected one for slack with botToken/],
    ['{ type: discord, url: { env: A }, routingKey: qqSECRET }', /expected/],
    ['{ type: syslog, server: nowhere }', /expected HOST:PORT/],
    ['{ type: teams, url: { env: A }, headers: { X: { env: qqSECRET } } }', /expected none for teams/],
  ] as const

  for (const [destination, expected] of cases) {
    const said = saidOf(t, `notify: { destinations: { a: ${destination} } }\n`).join('\n')
    assert.match(said, expected)
    assert.doesNotMatch(said, /qqSECRET/)
  }
})
