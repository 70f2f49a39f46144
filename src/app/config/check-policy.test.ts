import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { decide } from '#6-policy/decide.ts'
import { railPrefixesOf } from '#6-policy/guardrail.ts'
import { deskContextOf } from '../desk-context.ts'
import { formatProblem } from './format-problem.ts'
import { type Loaded, loadConfig } from './load.ts'
import { summarize, summaryLines } from './summary.ts'
import { toYaml } from './to-yaml.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-policy-'))
after(() => rmSync(folder, { recursive: true }))
const PAGE = join(import.meta.dirname, '../../../docs/operate/playbooks.md')

function load(text: string): Loaded {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, text)
  return loadConfig({ file, ownAddresses: () => ['192.0.2.7'] })
}
const said = (text: string) =>
  load(text)
    .problems.filter(({ code }) => !code.startsWith('config-script'))
    .map(problem => formatProblem(problem).replaceAll(`${folder}/`, ''))

const examples = [...readFileSync(PAGE, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
  ([, text = '']) => text,
)

/** What the first playbook of a configuration would do about an attack on this host. */
function firstAnswer(text: string, host: string, source?: string) {
  const loaded = load(text)
  assert.equal(loaded.kind, 'ok', loaded.problems.map(formatProblem).join('\n'))
  if (loaded.kind !== 'ok') return undefined
  const context = deskContextOf(loaded.config)
  const { bansMax, bansPerMinute, bounds, quotas } = loaded.config.policy
  const rails = { ...railPrefixesOf(context), bansMax, bansPerMinute, bounds, quotas }
  const { crossing } = exampleAttack()
  const attack = exampleAttack({
    host,
    crossing: { ...crossing!, value: 400_000 },
    finding: {
      parts: [{ vector: 'dns-amplification', share: 1, reasons: [] }],
      confidence: 0.9,
      packets: 500,
    },
  })
  const nowMs = Date.parse('2026-01-15T23:00:00Z')
  return decide(attack, {
    ...context,
    ...{ nowMs, armed: true, confidence: 0.9 },
    rails: { ...rails, ...{ targets: new Set<string>(), bansWithinMinute: 0 }, counts: NO_COUNTS },
    ...(source === undefined ? {} : { source }),
  })
}

const NONE = { active: 0, newWithinMinute: 0 }
const NO_COUNTS = { all: NONE, ofCustomer: () => NONE, ofPop: () => NONE, rulesOf: () => 0 }

test('the examples of the page on playbooks load without a word, and do what the page says', () => {
  assert.equal(examples.length, 4)
  assert.deepEqual(examples.flatMap(said), [])

  const [amplification, customer, reported, online] = [
    firstAnswer(examples[0]!, '198.51.100.7'),
    firstAnswer(examples[1]!, '198.51.100.15'),
    firstAnswer(examples[2]!, '198.51.100.7', 'radar'),
    firstAnswer(examples[3]!, '198.51.100.7'),
  ]
  assert.deepEqual(amplification?.kind === 'act' && amplification.actions[0], {
    kind: 'filter',
    enforcer: 'gobgp',
    rule: 'destination 198.51.100.7/32 protocol =udp source-port =53 packet-length >=200&<=65535 then rate 6250000 bytes/s',
  })
  assert.equal(customer?.playbook, 'acme-at-night')
  assert.deepEqual(customer?.kind === 'act' && customer.actions.map(({ kind }) => kind), ['divert', 'script'])
  assert.equal(reported?.playbook, 'reported-by-others')
  assert.equal(reported?.kind, 'nothing')
  assert.equal(online?.playbook, 'keep-it-online')
})

test('what could never be done refuses the file, with its line and what to do', () => {
  const text = `networks: [192.0.2.0/24]
playbooks:
  - name: p
    match: { customers: [akme] }
    steps:
      - name: one
        ttlSeconds: 5
        actions: [{ kind: discard }]
      - name: two
        actions: [{ kind: script }]
inventory:
  customers:
    - { id: acme, prefixes: [192.0.2.0/24, 192.0.2.0/25] }
    - { id: other, prefixes: [192.0.2.128/25] }
`

  assert.equal(load(text).kind, 'refused')
  assert.deepEqual(said(text), [
    'config.yaml:4:26: error: playbooks[0].match.customers[0]: the inventory has no customer "akme"\n  did you mean acme?',
    'config.yaml:7:21: error: playbooks[0].steps[0].ttlSeconds: the guardrails would refuse it: 5 s, and 10 to 86400 s are allowed (policy.bounds.ttlSeconds)\n  write a number from 10 to 86400, or change policy.bounds.ttlSeconds',
    'config.yaml:8:27: error: playbooks[0].steps[0].actions[0].kind: no enforcer that could announce it is configured\n  set enforcement.exabgp.pipe or enforcement.gobgp.address, or name gobgp here as the enforcer',
    'config.yaml:9:9: error: playbooks[0].steps[1]: nothing leads to this step: it is never taken\n  add escalateAfter, such as { seconds: 120 }',
    'config.yaml:10:27: error: playbooks[0].steps[1].actions[0].kind: there is no script to call\n  set enforcement.notifyScript.path',
    'config.yaml:14:31: error: inventory.customers[1].prefixes[0]: 192.0.2.128/25 overlaps 192.0.2.0/24 of the customer acme',
  ])
})

test('wrong words are told with the nearest right ones', () => {
  const wrong = `playbooks:
  - name: p
    match: { vectors: [dns-flod] }
    windows: [{ timeZone: Europe/Vienn, from: '8:00' }]
    steps: [{ name: s, actions: [{ kind: discart, bitsPerSecnd: 5 }] }]
policy:
  safelist: [{ prefix: nonsense, until: tomorrow }]
  bounds: { ttlSeconds: { minimum: 60, maximum: 30 } }
`
  const messages = said(wrong).join('\n')

  assert.match(
    messages,
    /config\.yaml:3:24: error: playbooks\[0\]\.match\.vectors\[0\]: expected the name of a vector/,
  )
  assert.match(messages, /4:27: error: .*timeZone: expected a time zone such as Europe\/Vienna/)
  assert.match(messages, /from: expected a time such as 08:00/)
  assert.match(
    messages,
    /kind: expected one of observe.*found the text "discart"\n {2}did you mean discard\?/,
  )
  assert.match(messages, /unknown key "bitsPerSecnd"\n {2}did you mean bitsPerSecond\?/)
  assert.match(messages, /7:24: error: policy\.safelist\[0\]\.prefix: expected an IPv4 or IPv6 prefix/)
  assert.match(messages, /policy\.safelist\[0\]\.until: expected a date/)
  assert.match(messages, /policy\.bounds\.ttlSeconds: expected a minimum that is not above the maximum/)
})

test('a safelist over a whole network is a warning, and its prefixes are used without host bits', () => {
  const loaded = load('networks: [192.0.2.0/24]\npolicy: { safelist: [{ prefix: 192.0.2.9/16 }] }\n')

  assert.deepEqual(
    loaded.problems.map(({ code, severity }) => `${severity} ${code}`),
    ['warning config-host-bits', 'warning config-safelist'],
  )
  assert.equal(loaded.kind === 'ok' && loaded.config.policy.safelist[0]?.prefix, '192.0.0.0/16')
})

test('written as YAML again it is the same configuration', () => {
  for (const text of examples) {
    const first = load(text)
    const again = first.kind === 'ok' ? load(toYaml(first.source, 'config.yaml')) : first
    assert.deepEqual(again.kind === 'ok' && again.config, first.kind === 'ok' && first.config)
  }
})

test('the summary names the playbooks with their steps, and the size of the inventory', () => {
  const loaded = load(examples[1]!)
  assert.equal(loaded.kind, 'ok')
  const lines = loaded.kind === 'ok' ? summaryLines(summarize(loaded.config, loaded.origin)) : []

  assert.deepEqual(
    lines.filter(line => /^(playbook|inventory)/.test(line)),
    [
      'playbook   acme-at-night: scrub',
      'playbook   acme-by-day: look, then scrub',
      'inventory  1 customer, 1 asset at 1 POP',
    ],
  )
})
