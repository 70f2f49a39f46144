// A daemon that is asked over the network: by programs, and by every verb with a URL and a token.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Command } from 'commander'
import { clientAt } from '#api/contract/client.ts'
import { backup } from '#app/verbs/backup.ts'
import { readRuleFiles } from '#app/verbs/rule-files.ts'
import { verifyAudit } from '#app/verbs/verify-audit.ts'
import type { Io } from '#cli/io.ts'
import type { LocalVerbs } from '#cli/local-verbs.ts'
import { buildProgram, runCommandLine } from '#cli/program.ts'
import { top } from '#tui/top.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-remote-'))
const tokenFile = join(folder, 'token')
let daemon: RunningDaemon
let url: string

before(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  writeFileSync(
    join(folder, 'config.yaml'),
    `networks: [192.0.2.0/24]
capture: { method: off }
metrics: { listen: off }
api: { listen: '127.0.0.1:${port}' }
`,
  )
  daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', join(folder, 'config.yaml')],
  })
  const made = await daemon.ask(['tokens', 'add', 'far-away', '--role', 'admin', '--json'])
  writeFileSync(tokenFile, JSON.parse(made.stdout).token, { mode: 0o600 })
})

after(async () => {
  await daemon[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

test('without a credential nothing is told, with one it is the same contract; who it was is in the audit', async () => {
  const far = ['env', `FLOODWARDEN_URL=${url}`, `FLOODWARDEN_TOKEN_FILE=${tokenFile}`, FLOODWARDEN]

  const nobody = await fetch(`${url}/api/v1/health`)
  const document = await fetch(`${url}/api/v1/openapi.json`)
  const banned = await run([...far, 'ban', '192.0.2.7', '--reason', 'ticket 4711'])
  const audit = await run([...far, 'audit', '--who', 'token:far-away'])

  assert.equal(nobody.status, 401)
  assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="floodwarden"')
  assert.equal(document.status, 200)
  assert.match(banned.stdout, /^192\.0\.2\.7 is banned until/, banned.stderr)
  assert.match(audit.stdout, /token:far-away .* 192\.0\.2\.7/, audit.stderr)
})

/** As DDPS's client would send it. */
const RULE_FILE = {
  ...{ durationminutes: '10', destinationprefix: '192.0.2.9/32', sourceprefix: '', ipprotocol: '=17' },
  ...{ destinationport: '', sourceport: '=123', icmptype: '', icmpcode: '', tcpflags: '', packetlength: '' },
  ...{ dscp: '', fragmentencoding: '', thenaction: 'discard', description: 'drill' },
}
writeFileSync(join(folder, 'rule.json'), JSON.stringify(RULE_FILE))

/** Each verb that asks a daemon as it may be typed, and what it says; the order is that of a day. */
const DAY: readonly (readonly [line: string, says: RegExp])[] = [
  ['status', /^Floodwarden 0\.1\.0, up/],
  ['top --once', /packets/i],
  ['attacks', /192\.0\.2\.7/],
  ['explain 192.0.2.7', /192\.0\.2\.7/],
  ['bans', /192\.0\.2\.7/],
  ['ban 192.0.2.8', /192\.0\.2\.8 is banned/],
  ['unban 192.0.2.8', /no longer banned/],
  ['simulate --host 192.0.2.9 --pps 400000', /after 0 s/],
  ['mitigations', /./],
  ['mitigations list', /./],
  ['events', /./],
  ['rule', /no live rules/],
  ['rule add 192.0.2.9 monitor --protocol =udp --ttl 1h --reason look', /^Made: .* is monitored/],
  ['rule list', /192\.0\.2\.9/],
  ['rule preview 192.0.2.9 monitor --protocol =tcp', /no samples/],
  ['rule templates', /default-pack/],
  ['blackhole', /no live rules|No rule is like that/],
  ['blackhole show', /no live rules|No rule is like that/],
  ['panic --yes --reason drill', /1 rules by people are withdrawn/],
  ['safelist add 192.0.2.53 --reason dns', /192\.0\.2\.53/],
  ['safelist', /192\.0\.2\.53/],
  ['safelist list', /192\.0\.2\.53/],
  ['safelist remove 192.0.2.53', /192\.0\.2\.53/],
  ['limits', /./],
  ['limits export', /./],
  ['exporters', /telemetry/],
  ['users', /./],
  ['users list', /./],
  ['tokens', /far-away/],
  ['tokens list', /far-away/],
  ['tokens add other --role viewer', /This is the token of other/],
  ['tokens revoke other', /other is revoked/],
  ['audit', /192\.0\.2\.8/],
  ['audit list', /192\.0\.2\.8/],
  ['audit verify', /^intact/],
  ['protect list', /No protection profile is configured/],
  ['protect lookup 192.0.2.1', /no countermeasure/],
  ['protect incidents', /No profile was needed/],
  ['protect preview', /there is no protection profile/],
  ['protect counters', /No countermeasure is in place/],
  ['protect blocked', /No source is blocked/],
  [`protect backup ${join(folder, 'protection.json')}`, /^$/],
  [`protect restore ${join(folder, 'protection.json')} --reason look`, /^0 switches/],
  ['notifications', /Nobody is told/],
  ['notifications list', /Nobody is told/],
  ['notifications dead-letters', /All messages were taken/],
  ['reload', /^Reloaded/],
  [`backup ${join(folder, 'saved.gz')}`, /from the running daemon/],
]

/** Those that need more than an idle daemon without settings has: what it says to them is by its contract. */
const OTHERS: readonly (readonly [line: string, code: RegExp])[] = [
  ['limits accept nowhere', /No learned limit/],
  ['limits reject nowhere', /No learned limit/],
  ['inventory', /nothing is written/],
  ['inventory show', /nothing is written/],
  ['playbooks', /nothing is written/],
  ['playbooks show', /nothing is written/],
  ['mitigations show mi7kq3l9-1.0', /No mitigation of this identifier/],
  [
    'mitigations order 192.0.2.9 rate-limit --bits-per-second 1000 --ttl 60 --reason x',
    /no enforcer that announces rules/,
  ],
  ['mitigations withdraw mi7kq3l9-1.0', /is not known/],
  ['mitigations acknowledge mi7kq3l9-1.0', /is not known/],
  ['mitigations extend mi7kq3l9-1.0 --ttl 600', /is not known/],
  ['notifications resend nothing', /No dead letter/],
  ['notifications discard nothing', /No dead letter/],
  ['protect show web', /No protection profile has this id/],
  ['protect on web acl --reason look', /No protection profile has this id/],
  ['protect monitor web acl --reason look', /No protection profile has this id/],
  ['protect off web acl --reason look', /No protection profile has this id/],
  ['protect reset web acl --reason look', /No protection profile has this id/],
  ['protect remove web 198.51.100.1', /No protection profile has this id/],
  ['protect add web 198.51.100.1 --reason look', /No protection profile has this id/],
  ['message-test nowhere', /No destination/],
  [`rule import ${join(folder, 'rule.json')} --apply`, /no enforcer that announces rules/],
  ['rule show none-r1', /No rule of this identifier/],
  ['rule extend none-r1 --ttl 600', /No rule of this identifier/],
  ['rule withdraw none-r1', /No rule of this identifier/],
  ['rule retry none-r1', /No rule of this identifier/],
  ['rule apply-template web 192.0.2.9 --ttl 600 --reason x', /no enforcer that announces rules/],
  ['rule apply-default-pack --reason x', /no enforcer that announces rules/],
  ['blackhole add 192.0.2.9 --ttl 600 --reason x', /no announcement is configured/],
  ['blackhole del 192.0.2.9', /No rule of this identifier/],
  [`users add ann --role viewer --password-file ${tokenFile}`, /ann may log in as viewer/],
  ['users change nobody --role viewer', /no user/i],
  ['users disable nobody', /no user/i],
  ['users enable nobody', /no user/i],
  [`users passwd nobody --password-file ${tokenFile}`, /no user/i],
  ['users remove nobody', /no user/i],
  ['arm --yes', /Nothing is configured that could carry/],
  ['disarm --yes', /disarmed already/],
]

async function typed(line: string, words: readonly string[] = ['--url', url, '--token-file', tokenFile]) {
  const said = { out: '', err: '' }
  const io = {
    ...{ environment: { HOME: folder }, uid: 1000 },
    out: (text: string) => {
      said.out += text
    },
    err: (text: string) => {
      said.err += text
    },
    question: async () => undefined,
    secret: async () => undefined,
    connect: door => clientAt(door),
  } as Io
  const verbs = {
    backup: (options, output) => backup(options, output),
    ruleFiles: async ({ files }) => readRuleFiles(files),
    verifyAudit: (options, output) => verifyAudit(options, output),
    top: ({ door, sort, limit, json }, output) =>
      top({ client: clientAt(door), view: { sort, limit }, terminal: undefined, json, ...output }),
  } as LocalVerbs
  const code = await runCommandLine([...line.split(' '), ...words], verbs, io)
  return { code, ...said }
}

/** `audit verify` for the verb below the verb. */
function verbsWithUrl(command: Command, above = ''): string[] {
  return command.commands.flatMap(each => {
    const name = `${above}${each.name()}`
    const own = each.options.some(({ long }) => long === '--url') ? [name] : []
    return [...own, ...verbsWithUrl(each, `${name} `)]
  })
}

test('every verb that asks a daemon does so by URL and token', async () => {
  const program = await buildProgram({
    io: { out() {}, err() {} } as unknown as Io,
    verbs: {} as LocalVerbs,
    exitCode: 0,
  })
  const lines = [...DAY, ...OTHERS].map(([line]) => line)

  const untried = verbsWithUrl(program).filter(verb => !lines.some(line => `${line} `.startsWith(`${verb} `)))

  assert.deepEqual(untried, [])
  for (const [line, says] of DAY) {
    const { code, out, err } = await typed(line)
    assert.equal(code, 0, `${line}: ${err}`)
    assert.match(out, says, line)
  }
  for (const [line, says] of OTHERS) {
    const { code, out, err } = await typed(line)
    assert.ok(code === 0 || code === 1, `${line}: ${err}`)
    assert.match(out + err, says, line)
    assert.doesNotMatch(err, /no daemon|broke|not understood|usage/i, line)
  }
  assert.equal(statSync(join(folder, 'saved.gz')).mode & 0o777, 0o600)
})

test('a wrong token, a closed port and a stranger are told apart, and no token is ever shown', async () => {
  const wrong = join(folder, 'wrong')
  writeFileSync(wrong, 'fw_0000000000000000_not-a-token', { mode: 0o600 })
  const nobody = await freePort()

  const refused = await typed('status', ['--url', url, '--token-file', wrong])
  const absent = await typed('status', ['--url', `http://127.0.0.1:${nobody}`, '--token-file', tokenFile])
  const elsewhere = await typed('audit verify', ['--url', `http://127.0.0.1:${nobody}`])
  const open = await typed('status', ['--url', 'http://192.0.2.1:1', '--token-file', tokenFile])

  assert.deepEqual(
    [refused, absent, elsewhere, open].map(({ code }) => code),
    [1, 1, 1, 1],
  )
  assert.match(refused.err, /the token is not known/)
  assert.match(absent.err, /no daemon answers at http:.*\n.*api\.listen/)
  assert.match(elsewhere.err, /no daemon answers at http:/)
  assert.match(open.err, /use https, or say --insecure/)
  for (const { out, err } of [refused, absent, elsewhere, open]) assert.doesNotMatch(out + err, /fw_|fwt_/)
})
