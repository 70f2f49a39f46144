import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readInventory } from './inventory.ts'

/** The kind of the answer and `line:column severity code path: message` of each problem. */
function said(text: string): string[] {
  const { kind, problems } = readInventory(text, 'inventory.yaml')
  return [
    kind,
    ...problems.map(({ line, column, severity, code, path, message }) => {
      return `${line}:${column} ${severity} ${code} ${path}: ${message}`
    }),
  ]
}

const customer = (...lines: string[]) =>
  `customers:\n  - customer_id: a\n    name: A\n    prefixes: [192.0.2.0/24]\n${lines.map(line => `    ${line}\n`).join('')}`

test('keys that mean here what prefixd only documents are named with what they do, and the file is used', () => {
  const text = customer(
    'policy_profile: strict',
    'services:',
    '  - service_id: s',
    '    assets:',
    '      - ip: 192.0.2.1',
    '        range_end: 192.0.2.3',
  )

  assert.deepEqual(said(text), [
    'ok',
    '5:5 notice prefixd-now-real customers[0].policy_profile: policy_profile: strict has later steps of a playbook follow after half their seconds; nothing that runs in prefixd reads it',
    '10:13 notice prefixd-range-end customers[0].services[0].assets[0].range_end: the asset is 192.0.2.1-192.0.2.3; prefixd ignores range_end and knows 192.0.2.1 alone',
  ])
})

test('unknown keys are ignored and named, at any depth', () => {
  const text = `${customer('colour: red', 'services:', '  - service_id: s', '    asets: []')}owner: me\n`

  assert.deepEqual(said(text), [
    'ok',
    '8:9 warning prefixd-unknown-key customers[0].services[0].asets: unknown key "asets"; it is ignored',
    '5:5 warning prefixd-unknown-key customers[0].colour: unknown key "colour"; it is ignored',
    '9:1 warning prefixd-unknown-key owner: unknown key "owner"; it is ignored',
  ])
  assert.equal(readInventory(text, 'f').problems[0]?.hint, 'did you mean assets?')
})

test('thousands of unknown keys do not keep the rest from being read, nor a wrong value from being told', () => {
  const many = Array.from({ length: 5000 }, (_, at) => `k${at}: 1`)

  const read = readInventory(customer(...many), 'f')
  const wrong = readInventory(`${customer(...many)}  - 7\n`, 'f')

  assert.equal(read.kind, 'ok')
  assert.equal(read.problems.length, 200)
  assert.equal(wrong.kind, 'refused')
  assert.deepEqual(
    wrong.problems.filter(({ severity }) => severity === 'error').map(({ line, path }) => [line, path]),
    [[5005, 'customers[1]']],
  )
})

test('wrong and missing values refuse the file, all told at once', () => {
  const text = customer(
    'policy_profile: harsh',
    'services:',
    '  - name: 7',
    '    allowed_ports: {udp: [53, 70000], tcp: 80}',
    '    assets: [{ip: 1}]',
  )

  assert.deepEqual(said(text), [
    'refused',
    '5:21 error prefixd-value customers[0].policy_profile: expected one of strict, normal, relaxed, found the text "harsh"',
    '7:9 error prefixd-value customers[0].services[0].service_id: missing key service_id: expected text',
    '7:15 error prefixd-value customers[0].services[0].name: expected text, found 7',
    '9:23 error prefixd-value customers[0].services[0].assets[0].ip: expected text, found 1',
    '8:35 error prefixd-value customers[0].services[0].allowed_ports.udp[1]: expected a whole number from 0 to 65535, found 70000',
    '8:48 error prefixd-value customers[0].services[0].allowed_ports.tcp: expected a list, each a whole number from 0 to 65535, found 80',
  ])
})

test('what makes no sense together is told where prefixd has it', () => {
  const text = `customers:
  - customer_id: a
    name: A
    prefixes: [192.0.2.0/24, 192.0.2.300]
  - customer_id: b
    name: B
    prefixes: [198.51.100.9/24]
    services:
      - service_id: one
        assets: [{ip: 198.51.100.1}]
      - service_id: one
        assets:
          - ip: 198.51.100.1
          - ip: 10.0.0.1
          - {ip: 198.51.100.9, range_end: 198.51.100.3}
  - {customer_id: a, name: C, prefixes: [192.0.2.64/26]}
`

  assert.deepEqual(said(text), [
    'refused',
    '15:32 notice prefixd-range-end customers[1].services[1].assets[2].range_end: the asset is 198.51.100.9-198.51.100.3; prefixd ignores range_end and knows 198.51.100.9 alone',
    '16:19 error inventory-duplicate customers[2].customer_id: there is a customer "a" already',
    '4:30 error inventory-prefix customers[0].prefixes[1]: expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32, found "192.0.2.300"',
    '11:21 error inventory-duplicate customers[1].services[1].service_id: there is a service "one" already',
    '7:16 warning inventory-host-bits customers[1].prefixes[0]: 198.51.100.9/24 has host bits set; used as 198.51.100.0/24',
    '15:18 error inventory-prefix customers[1].services[1].assets[2].ip: expected a prefix, an address or a range such as 192.0.2.10-192.0.2.20, found "198.51.100.9-198.51.100.3"',
    '14:17 error inventory-outside customers[1].services[1].assets[1].ip: 10.0.0.1/32 lies in no prefix of its customer b',
    '16:42 error inventory-overlap customers[2].prefixes[0]: 192.0.2.64/26 overlaps 192.0.2.0/24 of the customer a',
    '13:17 error inventory-duplicate customers[1].services[1].assets[0].ip: 198.51.100.1/32 is an asset already: 198.51.100.1/32 of the customer b',
  ])
})

test('an id that is too long for us is told with its line', () => {
  const text = `customers:\n  - {name: A, customer_id: ${'x'.repeat(129)}, prefixes: []}\n`

  assert.match(
    said(text)[1] ?? '',
    /^2:28 error prefixd-value customers\[0\]\.customer_id: not possible here: /,
  )
})

test('text that is no YAML or no section is refused', () => {
  assert.equal(said('customers: [')[0], 'refused')
  assert.equal(said('- a\n')[0], 'refused')
  assert.deepEqual(said(''), [
    'refused',
    '1:1 error prefixd-value customers: missing key customers: expected a list, each a section with keys',
  ])
  assert.match(said('customers: []\ncustomers: []\n').join(), /2:1 error config-duplicate-key/)
})

test('whatever the text, reading it ends in an answer', () => {
  const words = fc.constantFrom(
    'customers:',
    '  - customer_id: a',
    '    prefixes: [',
    '192.0.2.0/24',
    ']',
    '*a',
    '{',
    '- ip:',
    '\n',
    ': ',
    '__proto__: 1',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map(list => list.join('\n')),
      ),
      text => {
        const { kind, problems } = readInventory(text, 'f')
        assert.equal(
          kind === 'refused',
          problems.some(({ severity }) => severity === 'error'),
        )
      },
    ),
  )
})
