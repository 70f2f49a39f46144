import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { ruleOf } from './arbitrary-for-tests.ts'
import { canonical, matchKey } from './canonical.ts'
import { contradictionOf, FIELD_TYPES, type Fields, flowOfFields } from './fields.ts'
import { parseRule } from './parse.ts'
import { printFlow } from './print.ts'
import { type Component, isPrefixComponent, type Rule } from './rule.ts'

const TARGET = parsePrefix('192.0.2.1/32')!

/** The value of a component as it is written; undefined where fields cannot say it. */
function fieldsOf({ family, components }: Rule): Fields | undefined {
  const fields: Record<string, string> = {}
  for (const component of components) {
    if (component.type === 'destination') continue
    if (isPrefixComponent(component) && (component.offset > 0 || component.prefix.length === 0))
      return undefined
    const field = Object.entries(FIELD_TYPES).find(([, type]) => type === component.type)?.[0]
    const words = printFlow({ family, components: [component] }).split(' ')
    fields[field ?? ''] = words.at(-1) ?? ''
  }
  return fields
}

test('every rule that fields can say is the same by its fields', () => {
  let said = 0
  fc.assert(
    fc.property(fc.constantFrom(4 as const, 6 as const).chain(ruleOf), rule => {
      const target = { family: rule.family, value: 1n, length: rule.family === 4 ? 32 : 128 } as const
      const destination: Component = { type: 'destination', prefix: target, offset: 0 }
      const components = [destination, ...rule.components.filter(({ type }) => type !== 'destination')]
      const fields = fieldsOf({ ...rule, components })
      if (fields === undefined) return
      const made = flowOfFields(target, fields)
      if (made.kind !== 'flow') return
      said++
      assert.equal(matchKey(made.flow), matchKey(canonical({ ...rule, components })))
      assert.equal(parseRule(printFlow(made.flow)).kind, 'parsed')
    }),
  )
  assert.ok(said > 30, `${said} of them`)
})

test('what is wrong is told with its field, all at once', () => {
  const made = flowOfFields(TARGET, {
    ...{ protocol: '=300', destinationPort: '=80 =443', tcpFlags: 'syn;then', source: '192.0.2.1/24' },
    icmpType: '=8',
  })

  assert.ok(made.kind === 'problems')
  assert.deepEqual(
    made.problems.map(({ field }) => field),
    ['protocol', 'destinationPort', 'tcpFlags', 'source'],
  )
})

test('a value is one value: nothing is smuggled in behind it', () => {
  for (const value of ['=udp then discard', '=udp\tsource-port', '=17\n', '', ' '])
    assert.equal(flowOfFields(TARGET, { protocol: value }).kind, 'problems', JSON.stringify(value))
  assert.equal(flowOfFields(TARGET, { flowLabel: '=1' }).kind, 'problems', 'IPv4 has no flow label')
})

test('any source is no source', () => {
  const made = flowOfFields(TARGET, { source: '0.0.0.0/0', protocol: '=udp' })

  assert.ok(made.kind === 'flow')
  assert.equal(printFlow(made.flow), 'destination 192.0.2.1/32 protocol =udp')
})

test('a rule whose protocol has no such field matches nothing, and is told so', () => {
  const of = (fields: Fields) => {
    const made = flowOfFields(TARGET, fields)
    return made.kind === 'flow' ? contradictionOf(made.flow) : 'wrong'
  }

  assert.match(of({ protocol: '=icmp', destinationPort: '=80' }) ?? '', /destination-port matches nothing/)
  assert.match(of({ protocol: '=udp', tcpFlags: 'syn' }) ?? '', /is not TCP/)
  assert.match(of({ protocol: '=udp', icmpType: '=8' }) ?? '', /is not ICMP/)
  for (const fields of [
    { protocol: '=udp,=gre', destinationPort: '=80' },
    { destinationPort: '=80' },
    { protocol: '!=udp', tcpFlags: 'syn' },
    { protocol: '=ipv6-icmp', icmpType: '=128' },
  ])
    assert.equal(of(fields), undefined, JSON.stringify(fields))
})
