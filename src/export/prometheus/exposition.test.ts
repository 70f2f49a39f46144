import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exposition } from './exposition.ts'
import { parseExposition } from './strict-parser.ts'

test('a family is written with HELP and TYPE once, then its samples', () => {
  const text = exposition([
    {
      declaration: {
        name: 'packets_total',
        kind: 'counter',
        help: 'Packets.',
        labels: ['interface', 'worker'],
      },
      values: [
        { name: 'packets_total', value: 12, labels: { worker: '0', interface: 'eth0' } },
        { name: 'packets_total', value: 1.5e21, labels: { worker: '1', interface: 'a"b\\c\nd' } },
      ],
    },
    {
      declaration: { name: 'load', kind: 'gauge', help: 'A \\ and\na line.' },
      values: [{ name: 'load', value: -0.25 }],
    },
  ])

  assert.equal(
    text,
    [
      '# HELP packets_total Packets.',
      '# TYPE packets_total counter',
      'packets_total{interface="eth0",worker="0"} 12',
      'packets_total{interface="a\\"b\\\\c\\nd",worker="1"} 1.5e+21',
      '# HELP load A \\\\ and\\na line.',
      '# TYPE load gauge',
      'load -0.25',
      '',
    ].join('\n'),
  )
})

test('whatever labels and values hold, a strict reader gets them back', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity), fc.integer())
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      value,
      (label, help, number) => {
        const declaration = { name: 'm', kind: 'gauge', help: `h${help}`, labels: ['l'] } as const

        const [family] = parseExposition(
          exposition([{ declaration, values: [{ name: 'm', value: number, labels: { l: label } }] }]),
        )

        assert.equal(family?.help, declaration.help)
        assert.equal(family?.samples[0]?.labels.get('l'), label)
        assert.ok(family?.samples[0]?.value === number || Number.isNaN(number))
      },
    ),
  )
})

test('the strict reader refuses what others have sent as exposition', () => {
  const refused = [
    'a 1',
    '# HELP Total packets\n# TYPE a counter\na 1\n',
    '# HELP a x\n# TYPE a counter\na{b="c"}0\n',
    '# HELP a x\n# TYPE a counter\na 1\n# HELP a x\n# TYPE a counter\na{b="c"} 1\n',
    '# HELP a x\n# TYPE a counter\na 1\na 2\n',
    '# HELP a x\n# TYPE a counter\na one\n',
    '# HELP a x\n# TYPE a counter\na{b="\\x"} 1\n',
    '# HELP a x\n# TYPE a counter\na{b="c",b="d"} 1\n',
    '# HELP a x\n# TYPE a sum\na 1\n',
    '# HELP a x\n# TYPE a counter\nb 1\n',
    '# HELP a x\n# TYPE a counter\na 1\n\n',
  ]
  for (const text of refused) assert.throws(() => parseExposition(text), Error, JSON.stringify(text))
})
