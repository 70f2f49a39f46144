import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { FILES } from '#compat/prefixd/folder-for-tests.ts'
import { check } from './check.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-check-'))
after(() => rmSync(folder, { recursive: true }))

function run(text: string, json = false): { code: number; said: string } {
  const file = join(folder, 'f.yaml')
  writeFileSync(file, text)
  let said = ''
  const code = check(file, { json, ownAddresses: () => ['192.0.2.7'] }, words => {
    said += words
  })
  return { code, said: said.replaceAll(`${folder}/`, '') }
}

test('a valid file is told in plain words', () => {
  const { code, said } = run(`networks: [10.0.0.0/16, 2001:db8::/32]
capture: { interfaces: [eth0, eth1] }
hostgroups:
  web:
    networks: [10.0.1.0/24]
    thresholds: { incoming: { syn: { packetsPerSecond: 5000 } } }
`)

  assert.equal(code, 0)
  assert.equal(
    said,
    `read as    native configuration
capture    eth0, eth1
networks   2 prefixes, 65,536 IPv4 addresses, 1 IPv6 prefix
whitelist  none
judged by  excess budget of 0.5 limit-seconds; IPv4 and IPv6
limits     20,000 packet/s, 1,000 Mbit/s in each direction
hostgroup  web (10.0.1.0/24): incoming 20,000 packet/s, 1,000 Mbit/s, syn 5,000 packet/s; outgoing 20,000 packet/s, 1,000 Mbit/s
ban        1,900 s, longer while the attack lasts
script     none
armed      no: everything is shown, nothing is carried out
metrics    http://127.0.0.1:9209/metrics

valid: no problems
`,
  )
})

test('a refused file is told by its problems, and the exit code is 1', () => {
  const { code, said } = run('capture:\n  workers: 0\n')

  assert.equal(code, 1)
  assert.equal(
    said,
    'f.yaml:2:12: error: capture.workers: expected a whole number from 1 to 64, found 0\n\nrefused: 1 error\n',
  )
})

test('the same as facts', () => {
  const valid = JSON.parse(run('', true).said)
  const refused = JSON.parse(run('x: 1\n', true).said)

  assert.equal(valid.valid, true)
  assert.deepEqual(valid.config.networks, ['192.0.2.7/32'])
  assert.equal(valid.summary.networks.ipv4Addresses, 1)
  assert.equal(refused.valid, false)
  assert.equal(refused.problems[0].code, 'config-unknown-key')
  assert.equal(refused.problems[0].line, 1)
})

test('of a folder of prefixd it is told what becomes of each key, in words and as facts', () => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  const saidOf = (json: boolean) => {
    let said = ''
    const code = check(folder, { json, ownAddresses: () => [] }, words => {
      said += words
    })
    assert.equal(code, 0)
    return said.replaceAll(`${folder}/`, '')
  }

  const words = saidOf(false)
  const facts = JSON.parse(saidOf(true))

  assert.match(words, /^read as {4}folder of prefixd$/m)
  assert.match(
    words,
    /^armed {6}yes, by mode: enforced: the rules of the playbooks, by gobgp, and nothing else$/m,
  )
  assert.match(words, /^prefixd\.yaml:2: mode: honoured \(mitigation\.armed\)$/m)
  assert.match(words, /^playbooks\.yaml:2: playbooks\[\]\.name, 4 times: honoured \(playbooks\[\]\.name\)$/m)
  assert.match(words, /^prefixd\.yaml:14: bgp\.local_asn: not carried \(gobgpd has it/m)
  assert.equal(facts.summary.origin, 'prefixd')
  assert.equal(facts.keys.find(({ key }: { key: string }) => key === 'mode').line, 2)
  assert.doesNotMatch(words + JSON.stringify(facts), /hunter2/)
})
