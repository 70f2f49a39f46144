import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowOfFields } from '#lib/flowspec/fields.ts'
import { matches, type Packet } from '#lib/flowspec/matches.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import type { Flow } from '#lib/flowspec/rule.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { defaultPack, SERVICE_NAMES, SERVICES, type TemplateRule, templateRules } from './rule-templates.ts'

const SERVER = { 4: '192.0.2.1', 6: '2001:db8::1' } as const
const PEER = { 4: '198.51.100.9', 6: '2001:db8:ffff::9' } as const

function flowsOf(rules: readonly TemplateRule[], family: 4 | 6): Flow[] {
  return rules.map(({ match, what }) => {
    const made = flowOfFields(parsePrefix(SERVER[family])!, match)
    assert.ok(made.kind === 'flow', what)
    return made.flow
  })
}

const packet = (family: 4 | 6, protocol: number, more: Partial<Packet> = {}): Packet => ({
  ...{ source: parseAddress(PEER[family])!, target: parseAddress(SERVER[family])! },
  ...{ protocol, length: 100, dscp: 0, fragment: 0, ...more },
})

test('a template drops what its server does not need, and nothing of its service', () => {
  for (const name of SERVICE_NAMES) {
    for (const family of [4, 6] as const) {
      const flows = flowsOf(templateRules(name, family), family)
      const isDropped = (protocol: number, more: Partial<Packet> = {}) =>
        flows.some(flow => matches(flow, packet(family, protocol, more)))
      const { protocols, ports } = SERVICES[name] as {
        protocols: readonly number[]
        ports: readonly number[]
      }

      for (const protocol of protocols) {
        for (const targetPort of ports) {
          assert.equal(
            isDropped(protocol, { sourcePort: 40_000, targetPort }),
            false,
            `${name} ${targetPort}`,
          )
          for (const beside of [targetPort - 1, targetPort + 1].filter(port => !ports.includes(port)))
            assert.equal(isDropped(protocol, { sourcePort: 40_000, targetPort: beside }), true, `${beside}`)
        }
        for (const targetPort of [0, 65_535])
          assert.equal(isDropped(protocol, { sourcePort: 1, targetPort }), true)
        for (const fragment of [2, 4, 8, 10]) assert.equal(isDropped(protocol, { fragment }), true)
      }
      for (let protocol = 0; protocol <= 255; protocol++) {
        const isNeeded = protocols.includes(protocol) || (family === 6 && protocol === 58)
        assert.equal(
          isDropped(protocol, { targetPort: ports[0] ?? 0, sourcePort: 9 }),
          !isNeeded,
          `${protocol}`,
        )
      }
    }
  }
})

test('other ports take the place of the usual ones', () => {
  const [, , ports] = flowsOf(templateRules('web', 4, [8080, 80]), 4)

  assert.equal(
    printFlow(ports!),
    'destination 192.0.2.1/32 protocol =tcp destination-port >=0&<=79,>=81&<=8079,>=8081&<=65535',
  )
})

test('the default pack matches answers of amplifiers and no ordinary traffic', () => {
  for (const family of [4, 6] as const) {
    const flows = flowsOf(defaultPack(family), family)
    const more = family === 6 ? 20 : 0
    const hits = (protocol: number, changes: Partial<Packet>) =>
      flows.filter(flow => matches(flow, packet(family, protocol, changes))).length

    assert.equal(flows.length, 9)
    assert.equal(hits(17, { sourcePort: 123, targetPort: 5000, length: 468 + more }), 1)
    assert.equal(hits(17, { sourcePort: 123, targetPort: 123, length: 76 + more }), 0)
    assert.equal(hits(17, { sourcePort: 53, targetPort: 5000, length: 512 + more }), 1)
    assert.equal(hits(17, { sourcePort: 53, targetPort: 5000, length: 180 }), 0)
    assert.equal(hits(6, { sourcePort: 19, targetPort: 80 }), 1)
    assert.equal(hits(47, {}), 1)
    assert.equal(hits(17, { sourcePort: 162, targetPort: 5000 }), 1)
    assert.equal(hits(6, { sourcePort: 50_000, targetPort: 443 }), 0)
    assert.equal(hits(1, {}), 0)
  }
})
