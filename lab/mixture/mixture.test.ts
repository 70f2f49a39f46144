import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VECTORS } from '#4-detection/vectors.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { ruleByHand } from './by-hand.ts'
import { CASES } from './cases.ts'
import { drawnFlood } from './drawn.ts'
import { floodOf, type Honest, honestOf } from './labelled.ts'
import { asIpv6, TARGET6 } from './packets.ts'
import type { ServerName } from './servers.ts'
import { GATES, judge } from './trial.ts'

const SIZE = { calm: 10, perSecond: 12_000, seconds: 1 } as const
const FLOOD = 3000

const honest = new Map<ServerName, Honest>()
const honestAt = (server: ServerName): Honest => {
  const known = honest.get(server) ?? honestOf(server, 1, SIZE)
  honest.set(server, known)
  return known
}

for (const one of CASES) {
  if (one.kind !== 'separable' && one.kind !== 'two') continue
  test(`a person can write rules for ${one.name} (${one.on})`, () => {
    const rules = one.byHand.map(ruleByHand)

    const shares = judge(rules, honestAt(one.on), floodOf(one, 1, FLOOD))

    assert.ok(rules.length <= 3)
    assert.ok(shares.attack >= GATES[one.kind].attack, `${shares.attack} of the attack`)
    assert.ok(shares.honest <= GATES[one.kind].honest, `${shares.honest} of honest packets`)
  })
}

const portCell = (port: number | undefined) => (port === undefined || port < 1024 ? port : port >> 14)

/** Packets that are alike in what rules look at; ports that are drawn and lengths in coarse steps. */
const cellOf = (packet: Packet): string => {
  const { protocol, icmpType, tcpFlags, fragment, length, sourcePort, targetPort } = packet
  const ports = [portCell(sourcePort), portCell(targetPort)]
  return [protocol, icmpType, tcpFlags, fragment, length >> 5, ...ports].join()
}

/** How much of the flood any choice of cells takes, when it may take so much of honest packets. */
function mostTaken(flood: readonly Packet[], others: readonly Packet[], honestShare: number): number {
  const cells = new Map<string, { flood: number; honest: number }>()
  const count = (packet: Packet, part: 'flood' | 'honest') => {
    const cell = cells.get(cellOf(packet)) ?? { flood: 0, honest: 0 }
    cell[part]++
    cells.set(cellOf(packet), cell)
  }
  for (const packet of flood) count(packet, 'flood')
  for (const packet of others) count(packet, 'honest')
  let left = honestShare * others.length
  let taken = 0
  const dear = (cell: { flood: number; honest: number }) => cell.honest / cell.flood
  for (const cell of [...cells.values()].filter(({ flood }) => flood > 0).sort((a, b) => dear(a) - dear(b))) {
    // The last one is taken in part.
    const part = cell.honest === 0 ? 1 : Math.min(1, left / cell.honest)
    taken += cell.flood * part
    left -= cell.honest * part
  }
  return taken / flood.length
}

for (const one of CASES) {
  if (one.kind !== 'inseparable') continue
  test(`no rules take most of ${one.name} (${one.on}) and spare honest packets`, () => {
    const { later } = floodOf(one, 1, FLOOD)

    const taken = mostTaken(later, honestAt(one.on).later, GATES.separable.honest)

    assert.ok(taken < 0.5, `${taken} of the flood`)
  })
}

test('the bound finds what can be told', () => {
  const told = CASES.filter(({ name }) => ['xmas-flood', 'ntp-amplification', 'gre-flood'].includes(name))

  const taken = told.map(one => mostTaken(floodOf(one, 1, FLOOD).later, honestAt(one.on).later, 0.001))

  assert.equal(taken.length, 3)
  assert.ok(
    taken.every(share => share > 0.98),
    String(taken),
  )
})

test('the same seed gives the same packets, another one others', () => {
  const [one] = CASES
  assert.ok(one)
  const size = { calm: 50, perSecond: 50, seconds: 1 }

  assert.deepEqual(honestOf('eyeballs', 3, size), honestOf('eyeballs', 3, size))
  assert.notDeepEqual(honestOf('eyeballs', 3, size), honestOf('eyeballs', 4, size))
  assert.deepEqual(floodOf(one, 3, 50), floodOf(one, 3, 50))
  assert.notDeepEqual(floodOf(one, 3, 50), floodOf(one, 4, 50))
})

test('a flood drawn at random is what its rule says', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { on, flood, rule } = drawnFlood(seed)
    const one = { kind: 'loose', name: rule, on, vectors: [], flood, why: 'drawn' } as const

    assert.equal(judge([ruleByHand(rule)], honestAt('web'), floodOf(one, 1, 50)).attack, 1, rule)
  }
})

test('over IPv6 packets go to the target of that family, are longer, and have no bit for not being cut', () => {
  const packets = honestAt('eyeballs').later.filter(({ length }) => length < 1400)

  const over6 = packets.map(asIpv6)

  assert.ok(over6.length > 1000)
  for (const [at, packet] of over6.entries()) {
    const before = packets[at]
    assert.ok(before)
    assert.deepEqual([packet.target, packet.source.family, packet.fragment & 1], [TARGET6, 6, 0])
    assert.equal(packet.length, before.length + 20)
    assert.deepEqual([packet.sourcePort, packet.tcpFlags], [before.sourcePort, before.tcpFlags])
  }
  assert.deepEqual(
    [...new Set(over6.map(({ protocol }) => protocol))].filter(one => one === 1),
    [],
  )
})

test('cases have names of their own, and the vectors they name are in the table', () => {
  const known = new Set(VECTORS.map(({ name }) => name))

  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length)
  assert.deepEqual(
    CASES.flatMap(({ vectors }) => vectors).filter(name => !known.has(name)),
    [],
  )
  assert.ok(CASES.filter(({ kind }) => kind === 'separable').length >= 25)
})
