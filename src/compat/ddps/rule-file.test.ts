import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printRule } from '#lib/flowspec/print.ts'
import { readRuleFile } from './rule-file.ts'
import { ddpsRule } from './rule-for-tests.ts'

const told = (name: string, text: string) => {
  const { rules, problems } = readRuleFile(name, text)
  return {
    rules: rules.map(({ at, rule, seconds, description }) => [at, printRule(rule), seconds, description]),
    problems: problems.map(({ at, problem }) => `${at} ${problem}`),
  }
}

test('one rule, or a list of them', () => {
  const one = told('rule.json', JSON.stringify(ddpsRule()))
  const list = told(
    'rules.json',
    JSON.stringify([ddpsRule({ dscp: '=64' }), ddpsRule({ thenaction: 'accept' })]),
  )

  const text = 'destination 10.0.0.5/32 protocol =udp source-port =123 packet-length =468'
  assert.deepEqual(one, {
    rules: [['rule.json', `${text} then discard`, 600, 'NTP amplification']],
    problems: [],
  })
  assert.deepEqual(list, {
    rules: [['rules.json[1]', text, 600, 'NTP amplification']],
    problems: ['rules.json[0] dscp has 64, which is not from 0 to 63'],
  })
})

test('what is no rule is told with its place', () => {
  assert.deepEqual(told('a', '{').problems, ['a is neither JSON nor a file that begins with head;'])
  assert.deepEqual(told('a', '').problems, ['a is neither JSON nor a file that begins with head;'])
  assert.deepEqual(told('a', '7').problems, ['a the rule is a number and not an object'])
  assert.equal(told('a', '[{}]').problems.length, 14)
  assert.match(
    told('a', JSON.stringify(ddpsRule({ thenaction: 'drop' }))).problems[0] ?? '',
    /not one of accept/,
  )
  assert.match(told('a', `${'['.repeat(99)}${']'.repeat(99)}`).problems[0] ?? '', /too deep/)
})

const line = (changes: Readonly<Record<string, string>> = {}) =>
  Object.values({
    ...{ customer: '1', uuid: '00:11:22', instance: '1', admin: '1', blocktime: '10', dst: '10.0.0.5' },
    ...{ src: '192.0.2.1', proto: 'udp', port: '', dport: '53', sport: '123', icmptype: '', icmpcode: '' },
    ...{ flags: '', length: '468', ttl: '63', dscp: '', frag: '0', mode: 'discard', description: 'fnm; ntp' },
    ...changes,
  }).join(';')
const file = (mode: string, ...lines: readonly string[]) =>
  [`head;fnm;${mode};1;udp_flood`, ...lines, 'last-line', ''].join('\n')

test('noop: one rule for each line', () => {
  const { rules, problems } = told(
    'newrules-1.dat',
    file(
      'noop',
      line(),
      line({ proto: 'tcp', sport: 'null', flags: 'psh,ack', length: '', frag: '1', dport: '' }),
      line({ proto: '=47', dport: '', sport: '', length: '', mode: 'rate-limit 9600', src: '' }),
    ),
  )

  assert.deepEqual(problems, [])
  assert.deepEqual(
    rules.map(([at, text]) => [at, text]),
    [
      [
        'newrules-1.dat:2',
        'destination 10.0.0.5/32 source 192.0.2.1/32 protocol =udp destination-port =53 source-port =123 packet-length =468 then discard',
      ],
      [
        'newrules-1.dat:3',
        'destination 10.0.0.5/32 source 192.0.2.1/32 protocol =tcp tcp-flags =psh,=ack fragment =is-fragment then discard',
      ],
      ['newrules-1.dat:4', 'destination 10.0.0.5/32 protocol =gre then rate 9600 bytes/s'],
    ],
  )
  assert.deepEqual(rules[0]?.slice(2), [600, 'fnm; ntp'])
})

test('doop: one rule of what the lines of an attack have in common, with ranges that are ranges', () => {
  const lines = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((src, at) =>
    line({ src, dport: String(80 + at * 100), length: String(100 + at) }),
  )
  const { rules, problems } = told('n.dat', file('doop', ...lines))

  assert.deepEqual(problems, [])
  assert.deepEqual(rules, [
    [
      'n.dat:2',
      'destination 10.0.0.5/32 protocol =udp destination-port >=80&<=380 source-port =123 packet-length >=100&<=103 then discard',
      600,
      'fnm; ntp',
    ],
  ])
})

test('too few lines, cut off files and lines that are none are told', () => {
  assert.deepEqual(told('n', file('doop', line(), line())).problems, [
    'n:2 the attack on 10.0.0.5 has 2 lines that can be read, and 3 are needed',
  ])
  assert.deepEqual(told('n', file('noop', line()).replace('last-line\n', '')).problems, [
    'n does not end with last-line: it was cut off on its way',
  ])
  assert.deepEqual(told('n', 'head;fnm;noop;1;x').problems, [
    'n does not end with last-line: it was cut off on its way',
  ])
  assert.match(told('n', file('xxop', line())).problems[0] ?? '', /mode "xxop"/)
  assert.deepEqual(told('n', file('noop', 'a;b', line({ dst: 'x' }), line({ port: '80' }))).problems, [
    'n:2 has 2 columns, and not 20',
    'n:3 destinationprefix is no prefix: write one such as 192.0.2.1/32',
    'n:4 "srcordestport" is no key of a rule',
  ])
  const many = told('n', file('noop', ...Array.from({ length: 30 }, () => 'x')))
  assert.deepEqual(
    [many.problems.length, many.problems.at(-1)],
    [21, 'n has 10 more lines that cannot be read'],
  )
})
