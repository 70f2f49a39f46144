import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openmetrics } from './openmetrics.ts'

const counter = (name: string, help = 'Packets.') => ({ name, kind: 'counter', help }) as const

test('counters lose _total in their metadata and keep it in samples; units are told; the end is marked', () => {
  const text = openmetrics([
    { declaration: counter('cpu_seconds_total'), values: [{ name: 'cpu_seconds_total', value: 1.5 }] },
    { declaration: counter('blocks_read', 'Of "rings".'), values: [{ name: 'blocks_read', value: 7 }] },
    {
      declaration: { name: 'size_bytes', kind: 'gauge', help: 'A \\ and\na line.', labels: ['of'] },
      values: [{ name: 'size_bytes', value: Number.POSITIVE_INFINITY, labels: { of: 'a"b\\c\nd' } }],
    },
  ])

  assert.equal(
    text,
    [
      '# TYPE cpu_seconds counter',
      '# UNIT cpu_seconds seconds',
      '# HELP cpu_seconds Packets.',
      'cpu_seconds_total 1.5',
      '# TYPE blocks_read unknown',
      '# HELP blocks_read Of \\"rings\\".',
      'blocks_read 7',
      '# TYPE size_bytes gauge',
      '# UNIT size_bytes bytes',
      '# HELP size_bytes A \\\\ and\\na line.',
      'size_bytes{of="a\\"b\\\\c\\nd"} +Inf',
      '# EOF',
      '',
    ].join('\n'),
  )
})

test('nothing at all is a valid exposition too', () => {
  assert.equal(openmetrics([]), '# EOF\n')
})

test('whatever labels hold, each sample is one line and comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), label => {
      const declaration = { name: 'm', kind: 'gauge', help: 'h', labels: ['l'] } as const

      const lines = openmetrics([
        { declaration, values: [{ name: 'm', value: 1, labels: { l: label } }] },
      ]).split('\n')

      assert.equal(lines.length, 5)
      const [, quoted = ''] = /^m\{l="((?:[^"\\\n]|\\["\\n])*)"\} 1$/s.exec(lines[2] ?? '') ?? []
      const back = quoted.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
      assert.equal(back, label)
    }),
  )
})
