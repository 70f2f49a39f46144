import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildFrame } from '../../lab/frame.ts'
import { caseOf, framesOf, VECTOR_CASES } from '../../lab/vectors/vectors.ts'
import { atLeast, nameAttack, SAMPLES_MIN } from './name-attack.ts'
import { shapeOfFrames } from './shape-for-tests.ts'
import { VECTORS } from './vectors.ts'

const PACKETS = 400

const attackOf = (vector: string, packets = PACKETS, seed = 1) => {
  const found = caseOf(vector)
  assert.ok(found, vector)
  return framesOf(found.attack, { packets, seed })
}
const honestOf = (vector: string, packets = PACKETS) => {
  const found = caseOf(vector)
  assert.ok(found, vector)
  return framesOf(found.neighbour.packets, { packets })
}
const namesOf = (frames: readonly Uint8Array[], weight?: number) =>
  nameAttack(shapeOfFrames(frames, 'incoming', weight))?.parts.map(({ vector }) => vector)

describe('each vector is named, and its nearest honest neighbour is not', () => {
  for (const { vector, attack, neighbour, direction = 'incoming' } of VECTOR_CASES) {
    test(`${vector}, ${direction}; not ${neighbour.title}`, () => {
      const finding = nameAttack(shapeOfFrames(framesOf(attack, { packets: PACKETS }), direction))
      const honest = nameAttack(shapeOfFrames(framesOf(neighbour.packets, { packets: PACKETS }), direction))

      assert.deepEqual(
        finding?.parts.map(part => part.vector),
        [vector],
      )
      assert.ok(finding.confidence > 0.7, `confidence ${finding.confidence}`)
      assert.deepEqual(
        honest?.parts.map(part => part.vector),
        ['unknown'],
      )
    })
  }
})

test('every row of the table has a case', () => {
  assert.deepEqual(
    VECTORS.map(({ name }) => name).filter(name => caseOf(name) === undefined),
    [],
  )
})

test('two vectors above a quarter are a mixed attack, the larger first', () => {
  const frames = [...attackOf('syn-flood', 240), ...attackOf('icmp-echo-flood', 160)]

  assert.deepEqual(namesOf(frames), ['syn-flood', 'icmp-echo-flood'])
})

test('what is less than a quarter of packets and bytes is no part', () => {
  const frames = [...attackOf('syn-flood', 360), ...attackOf('icmp-echo-flood', 40)]

  assert.deepEqual(namesOf(frames), ['syn-flood'])
})

test('a flood beside as much honest traffic is named, and the rest stands last without a name', () => {
  const frames = [...attackOf('udp-flood', 200), ...honestOf('ack-flood', 400)]

  assert.deepEqual(namesOf(frames), ['udp-flood', 'unknown'])
})

test('trailing fragments belong to the amplification whose first ones were seen, and else are a flood of their own', () => {
  const answers = attackOf('cldap-amplification')
  const parts = nameAttack(shapeOfFrames(answers))?.parts

  assert.equal(parts?.length, 1)
  assert.equal(parts?.[0]?.share, 1)
  assert.match(
    parts?.[0]?.reasons.join('; ') ?? '',
    /\d+ % of its packets are later fragments of such answers/,
  )
  assert.deepEqual(namesOf([...attackOf('syn-flood', 200), ...attackOf('fragment-flood', 200)]), [
    'fragment-flood',
    'syn-flood',
  ])
})

test('a port alone is no amplification: what the payload says counts', () => {
  const frames = attackOf('ntp-amplification').map(frame => {
    const copy = frame.slice()
    // Mode 4: time, as an honest server tells it.
    copy[42] = 0x24
    return copy
  })

  assert.deepEqual(namesOf(frames), ['udp-fixed-length-flood'])
})

test('an abused reflector of ours says so in its reasons', () => {
  const outgoing = VECTOR_CASES.find(
    ({ vector, direction }) => vector === 'dns-amplification' && direction === 'outgoing',
  )
  assert.ok(outgoing)

  const finding = nameAttack(shapeOfFrames(framesOf(outgoing.attack, { packets: PACKETS }), 'outgoing'))

  assert.match(finding?.parts[0]?.reasons.join('; ') ?? '', /our host is the reflector/)
})

test('reasons are sentences with figures', () => {
  const reasons = nameAttack(shapeOfFrames(attackOf('syn-flood')))?.parts[0]?.reasons

  assert.deepEqual(reasons?.slice(0, 2), [
    '100 % of the packets and 100 % of the bytes',
    '100 % of all TCP packets',
  ])
  assert.match(reasons?.[2] ?? '', /^from about \d+ addresses in 400 samples$/)
})

test('too few samples name nothing, and confidence grows with their number', () => {
  const confidence = (packets: number) =>
    nameAttack(shapeOfFrames(attackOf('syn-flood', packets)))?.confidence ?? 0

  assert.equal(nameAttack(shapeOfFrames(attackOf('syn-flood', SAMPLES_MIN - 1))), undefined)
  assert.ok(confidence(SAMPLES_MIN) > 0.6 && confidence(SAMPLES_MIN) < 0.75)
  assert.ok(confidence(1000) > 0.99)
})

test('a few samples that stand for many packets are worth no more for it', () => {
  const once = nameAttack(shapeOfFrames(attackOf('syn-flood', 40)))
  const often = nameAttack(shapeOfFrames(attackOf('syn-flood', 40), 'incoming', 1000))

  assert.deepEqual(often, once)
})

test("Wilson's lower end is that of the tables", () => {
  assert.equal(atLeast(0.5, 100).toFixed(4), '0.4038')
  assert.equal(atLeast(1, 10).toFixed(4), '0.7225')
  assert.equal(atLeast(0, 10), 0)
  assert.equal(atLeast(1, 0), 0)
})

test('honest traffic has no name whatever the seed', () => {
  const wrong = VECTOR_CASES.flatMap(({ vector, neighbour, direction = 'incoming' }) =>
    [2, 3].flatMap(seed => {
      const frames = framesOf(neighbour.packets, { packets: 300, seed })
      const first = nameAttack(shapeOfFrames(frames, direction, 7))?.parts[0]?.vector
      return first === 'unknown' ? [] : [`${vector} ${direction} ${seed}: ${first}`]
    }),
  )

  assert.deepEqual(wrong, [])
})

test('a crowd whose SYNs are repeated because the server is slow is no SYN flood', () => {
  const frames = [...honestOf('syn-flood', 400), ...attackOf('syn-flood', 35)]

  assert.deepEqual(namesOf(frames), ['unknown'])
})

test('short answers are no amplification, though nobody was seen to ask', () => {
  const answers = honestOf('dns-amplification').filter(frame => frame[30] === 10)

  assert.deepEqual(namesOf(answers), ['udp-flood'])
})

/** DNS over UDP between our host and some outside, from a payload. */
const dns = (isAnswer: boolean, peer: number, payload: Uint8Array) =>
  buildFrame([
    { kind: 'ethernet' },
    isAnswer
      ? { kind: 'ipv4', source: '10.10.10.10', target: `198.18.${peer >> 8}.${peer & 255}` }
      : { kind: 'ipv4', source: `198.18.${peer >> 8}.${peer & 255}`, target: '10.10.10.10' },
    { kind: 'udp', sourcePort: isAnswer ? 53 : 4000, targetPort: isAnswer ? 4000 : 53 },
    { kind: 'payload', bytes: payload },
  ])

test('a name server of ours that answers the world at length is no reflector, one that answers few is', () => {
  const answer = Uint8Array.fromHex(`1a2b84000001000a00000000${'11'.repeat(1100)}`)
  const query = Uint8Array.fromHex('1a2b01000001000000000000036e6574000001000100')
  const served = (peers: number) =>
    Array.from({ length: 200 }, (_, at) => [
      dns(false, at % peers, query),
      dns(true, at % peers, answer),
    ]).flat()
  const nameOf = (peers: number) => nameAttack(shapeOfFrames(served(peers), 'outgoing'))?.parts[0]?.vector

  assert.equal(nameOf(200), 'unknown')
  assert.equal(nameOf(2), 'dns-amplification')
})

test('queries for many names of many zones are those of a resolver at work, no water torture', () => {
  const label = (text: string) =>
    text.length.toString(16).padStart(2, '0') + Buffer.from(text).toString('hex')
  const query = (at: number) =>
    Uint8Array.fromHex(`1a2b01000001000000000000${label(`w${at}`)}${label(`zone${at}`)}0000010001`)
  const frames = Array.from({ length: 200 }, (_, at) => dns(false, at, query(at)))

  assert.equal(namesOf(frames)?.includes('dns-water-torture'), false)
})
