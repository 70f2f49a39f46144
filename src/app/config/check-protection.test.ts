import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { formatProblem } from './format-problem.ts'
import { loadConfig } from './load.ts'

function load(t: TestContext, text: string, files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const file = join(folder, 'config.yaml')
  writeFileSync(file, text.replaceAll('FOLDER', folder))
  const loaded = loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })
  const said = loaded.problems.map(problem => formatProblem(problem).replaceAll(`${folder}/`, ''))
  return { loaded, said }
}

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operate/protection.md'), 'utf8')

test('the first example of the page is a configuration without a problem', t => {
  const [, text = ''] = /^```yaml\n([\s\S]*?)^```/m.exec(PAGE) ?? []
  const { loaded, said } = load(t, text)

  assert.deepEqual(said, [])
  assert.equal(loaded.kind, 'ok')
})

test('what could not be carried out is refused with its line and what to do', t => {
  const { loaded, said } = load(
    t,
    `networks: [10.0.0.0/8]
protection:
  nftables: { hook: ingress }
  profiles:
    web:
      isDefault: true
      prefixes: [10.0.0.0/24, 192.0.2.0/24]
      services: [shop]
      countermeasures:
        source-limit: { ttlSeconds: 5 }
        acl: { rules: [{ verdict: drop, match: "protocl =icmp" }], threshold: { on: 5, off: 9, history: 2, severity: 3 } }
        geo: { countries: [XX] }
    mail: { isDefault: true }
    away: { backEnd: mitigator, prefixes: [10.1.0.0/16], countermeasures: { acl: { rules: [{ verdict: drop, match: "protocol =icmp" }] } } }
    none: {}
`,
  )

  assert.equal(loaded.kind, 'refused')
  for (const expected of [
    /^config\.yaml:3:.*protection\.nftables: the hook ingress is one of devices: name at least one/,
    /^config\.yaml:13:.*profiles\.mail\.isDefault: web is general protection already\n {2}keep one of them/,
    /^config\.yaml:7:.*profiles\.web\.prefixes\[1\]: 192\.0\.2\.0\/24 lies outside our networks\n {2}add it to networks/,
    /^config\.yaml:8:.*services\[0\]: the inventory has no service "shop"/,
    /^config\.yaml:10:.*source-limit: it has no rate\n {2}add packetsPerSecond/,
    /^config\.yaml:11:.*threshold\.off: 9 is above 5/,
    /^config\.yaml:11:.*threshold\.severity: 3 of 2 measurements can never be/,
    /^config\.yaml.*geo\.database: countries are named, and there is no database/,
    /^config\.yaml.*protection\.mitigator\.server: is missing: the address of the MITIGATOR/,
    /^config\.yaml:15:.*profiles\.none: it covers nobody/,
  ])
    assert.ok(
      said.some(line => expected.test(line)),
      `${expected} is not among\n${said.join('\n')}`,
    )
})

test('a rule that cannot be read is told where it stands', t => {
  const { said } = load(
    t,
    `networks: [10.0.0.0/8]
protection:
  profiles:
    web:
      isDefault: true
      countermeasures:
        acl: { rules: [{ verdict: drop, match: "protocl =icmp" }] }
`,
  )

  assert.equal(said.length, 1)
  assert.match(
    said[0] ?? '',
    /^config\.yaml:7:\d+: error: protection\.profiles\.web\.countermeasures\.acl: rule 1, column 1: /,
  )
})

test('that there is no general protection is a warning, and a profile is none to be missed where there is none', t => {
  const profile = 'networks: [10.0.0.0/8]\nprotection: { profiles: { web: { prefixes: [10.0.0.0/24] } } }\n'
  const { loaded, said } = load(t, profile)

  assert.equal(loaded.kind, 'ok')
  assert.match(
    said.join(),
    /warning: protection\.profiles: there is no general protection.*\n {2}set isDefault: true/,
  )
  assert.deepEqual(load(t, 'networks: [10.0.0.0/8]\n').said, [])
})

test('a database of countries is read in both its forms, and one that is none is refused', t => {
  const text = `networks: [10.0.0.0/8]
protection:
  geo: { database: FOLDER/countries.csv }
  profiles: { web: { isDefault: true, countermeasures: { geo: { countries: [AA, BB] } } } }
`
  const good = load(t, text, {
    'countries.csv': 'network,country\n192.0.2.0/24,AA\n"3325256704","3325256959","BB","Somewhere"\n',
  })
  const bad = load(t, text, { 'countries.csv': 'nonsense\nmore,of,it\n' })

  assert.deepEqual(good.said, [])
  assert.match(
    bad.said.join(),
    /geo\.database: .*countries\.csv: 1 of 2 lines are neither prefix,country nor first,last,country/,
  )
})
