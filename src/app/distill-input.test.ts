import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenAttack } from '#4-detection/attack.ts'
import type { CalmPacket } from '#4-detection/calm-packet.ts'
import type { DistillSample } from '#5-evidence/distill/distillation.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { askedOf, type DistillFacts, isStillOver } from './distill-input.ts'

const FACTS: DistillFacts = {
  ...{ calm: () => [], allowedPorts: () => undefined, router: undefined, rulesMax: 3 },
}

const samplesTo = (target: string, count: number): DistillSample[] =>
  Array.from({ length: count }, () => ({
    weight: 1,
    packet: {
      ...{ source: parseAddress('192.0.2.1')!, target: parseAddress(target)! },
      ...{ protocol: 17, sourcePort: 53, targetPort: 80, length: 100, dscp: 0, fragment: 0 },
    },
  }))

const outgoing = exampleAttack({ direction: 'outgoing' })
const carpet = exampleAttack({
  scope: 'prefix',
  host: '192.0.2.0/25',
  prefixes: ['192.0.2.0/25', '192.0.2.128/26'],
})
const asked = (
  attack: OpenAttack,
  samples: readonly DistillSample[] = [],
  facts: Partial<DistillFacts> = {},
) => askedOf(attack, samples, { ...FACTS, ...facts })

test('what a host of ours attacks is told by the few that get nearly all of its packets', () => {
  const one = asked(outgoing, [...samplesTo('203.0.113.7', 95), ...samplesTo('203.0.113.8', 2)])
  const two = asked(outgoing, [...samplesTo('203.0.113.7', 60), ...samplesTo('203.0.113.8', 40)])
  const many = asked(outgoing, Array.from({ length: 100 }, (_, at) => samplesTo(`203.0.113.${at}`, 1)).flat())

  assert.deepEqual(one?.targets, ['203.0.113.7/32'])
  assert.deepEqual(two?.targets, ['203.0.113.7/32', '203.0.113.8/32'])
  assert.equal(new Set(two?.input.attack.map(({ packet }) => packet.target.value)).size, 1)
  assert.equal(one?.input.source?.length, 32)
  assert.equal(many, undefined)
})

test('rules of an attack on several prefixes are sought as if all of it went to the first', () => {
  const { input, targets } = asked(carpet, [...samplesTo('192.0.2.7', 5), ...samplesTo('192.0.2.130', 5)])!

  assert.deepEqual(targets, ['192.0.2.0/25', '192.0.2.128/26'])
  assert.deepEqual([...new Set(input.attack.map(({ packet }) => packet.target.value))], [0xc000_0200n])
})

test('ports are legitimate where the owner names them for all that is attacked', () => {
  const ports = { tcp: [{ from: 443, to: 443 }], udp: undefined }

  const host = asked(exampleAttack(), [], { allowedPorts: () => ports })
  const some = asked(carpet, [], {
    allowedPorts: ({ length }) => (length === 25 ? ports : undefined),
  })

  assert.deepEqual(host?.input.legitimate, { tcp: [{ from: 443, to: 443 }] })
  assert.equal(some?.input.legitimate, undefined)
  assert.equal(asked(exampleAttack())?.input.legitimate, undefined)
})

test('the other end of a calm IPv6 packet is untold', () => {
  const calm: CalmPacket = {
    told: 0,
    packet: {
      ...{ source: parseAddress('::')!, target: parseAddress('2001:db8::1')! },
      ...{ protocol: 6, length: 60, dscp: 0, fragment: 0 },
    },
  }

  const input = asked(exampleAttack({ host: '2001:db8::1', family: 6 }), [], { calm: () => [calm] })?.input

  assert.deepEqual(input?.normal[0]?.untold, ['source', 'flow-label'])
})

test('vectors are named the largest first, and what has no name is none', () => {
  const parts = ['dns-amplification', 'syn-flood', 'unknown'].map(vector => ({
    vector,
    share: 0.3,
    reasons: [],
  }))

  const { input } = asked(exampleAttack({ finding: { parts, confidence: 1, packets: 100 } }))!

  assert.deepEqual(input.vectors, ['dns-amplification', 'syn-flood'])
})

test('an attack is still over while its samples are half as many as its limit asks, in the unit of the limit', () => {
  const { crossing } = exampleAttack()
  const isOver = (
    limit: 'packets' | 'bits' | 'tcp-packets' | 'udp-bits' | 'flows',
    threshold: number,
    seconds = 1,
  ) => isStillOver({ crossing: { ...crossing!, limit, threshold } }, samplesTo('192.0.2.1', 100), seconds)

  assert.deepEqual(
    [isOver('packets', 200), isOver('packets', 201), isOver('packets', 150, 2)],
    [true, false, false],
  )
  assert.deepEqual([isOver('bits', 160_000), isOver('bits', 160_001)], [true, false])
  assert.deepEqual([isOver('udp-bits', 160_000), isOver('tcp-packets', 10)], [true, false])
  assert.deepEqual([isOver('flows', 1e9), isOver('packets', 1e9, 0)], [true, true])
  assert.equal(isStillOver({ crossing: undefined }, [], 1), true)
})
