import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { LINK, Sample } from '#2-decode/sample.ts'
import { buildFrame } from '../../../lab/frame.ts'
import type { DistillSample } from './distillation.ts'
import { FIRST_SAMPLES, ROUND_SAMPLES, ROUND_SECONDS, ROUNDS_MAX, SampleRounds } from './sample-rounds.ts'

const frameOf = (source: string, target: string) =>
  buildFrame([
    { kind: 'ethernet' },
    { kind: 'ipv4', source, target },
    { kind: 'udp', sourcePort: 53, targetPort: 4000 },
    { kind: 'payload', bytes: 20 },
  ])

function setUp() {
  const told: string[] = []
  const rounds = new SampleRounds({
    began: id => told.push(`began ${id}`),
    ended: id => told.push(`ended ${id}`),
  })
  const open = (id: string, prefix: string, samples: readonly DistillSample[] = [], isIncoming = true) =>
    rounds.open({ id, targets: [prefix], isIncoming }, samples)
  const offer = (source: string, target: string, count: number, isWatched = true, told = 0) => {
    const bytes = frameOf(source, target)
    const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const sample = new Sample()
    decodeFrame(frame, 0, bytes.length, LINK.ethernet, false, sample)
    for (let at = 0; at < count; at++)
      rounds.offer(sample, frame, bytes.length, 16, isWatched, told, bytes.length)
  }
  return { rounds, told, open, offer }
}

const PACKET: DistillSample = {
  weight: 1,
  packet: {
    source: { family: 4, value: 1n },
    target: { family: 4, value: 2n },
    ...{ protocol: 17, sourcePort: 53, targetPort: 4000, length: 48, dscp: 0, fragment: 0 },
  },
}
const some = (count: number): DistillSample[] => Array(count).fill(PACKET)

test('what the rings held when an attack opened is enough for a first result, if it is enough', () => {
  const { rounds, told, open } = setUp()

  open('many', '10.0.0.1', some(FIRST_SAMPLES))
  open('few', '10.0.0.2', some(FIRST_SAMPLES - 1))
  rounds.tick(0)

  assert.equal(rounds.take()?.attackId, 'many')
  assert.equal(rounds.take(), undefined)
  assert.deepEqual(told, ['began few'])
})

test('a round takes packets of its attack in its direction, with their weight, and no others', () => {
  const { rounds, open, offer } = setUp()
  open('in', '10.0.0.1')
  open('out', '10.0.0.2', [], false)
  rounds.tick(0)

  offer('198.18.0.1', '10.0.0.1', 3)
  offer('10.0.0.1', '198.18.0.1', 2)
  offer('10.0.0.2', '198.18.0.1', 1)
  offer('198.18.0.1', '10.0.0.3', 9)
  rounds.tick(ROUND_SECONDS)

  const [first, second] = [rounds.take(), rounds.take()]
  assert.deepEqual([first?.attackId, first?.samples.length], ['in', 3])
  assert.deepEqual([second?.attackId, second?.samples.length], ['out', 1])
  const { packet, weight } = first!.samples[0]!
  assert.deepEqual([packet.length, packet.sourcePort, packet.targetPort, weight], [48, 53, 4000, 16])
})

test('packets of all count until its own are copied; of a prefix only those of all', () => {
  const { rounds, open, offer } = setUp()
  open('host', '10.0.0.1')
  open('prefix', '10.0.1.0/24')
  rounds.tick(0)

  for (const target of ['10.0.0.1', '10.0.1.7']) {
    offer('198.18.0.1', target, 1, false)
    offer('198.18.0.1', target, 10, true)
    offer('198.18.0.1', target, 100, false)
  }
  rounds.tick(ROUND_SECONDS)

  assert.deepEqual([rounds.take()?.samples.length, rounds.take()?.samples.length], [11, 101])
})

test('what a flow record does not tell is untold', () => {
  const { rounds, open, offer } = setUp()
  open('a', '10.0.0.1')
  rounds.tick(0)

  offer('198.18.0.1', '10.0.0.1', 1, true, 5)
  rounds.tick(ROUND_SECONDS)

  assert.ok(rounds.take()?.samples[0]?.untold?.includes('packet-length'))
})

test('a round ends when it is full, a first one when it is enough, any when its time is over', () => {
  const { rounds, open, offer } = setUp()
  open('a', '10.0.0.1')
  rounds.tick(0)
  offer('198.18.0.1', '10.0.0.1', FIRST_SAMPLES)
  rounds.tick(0.1)
  assert.equal(rounds.take()?.samples.length, FIRST_SAMPLES)

  rounds.again('a')
  rounds.tick(0.2)
  offer('198.18.0.1', '10.0.0.1', FIRST_SAMPLES)
  rounds.tick(0.3)
  assert.equal(rounds.take(), undefined)
  offer('198.18.0.1', '10.0.0.1', 2 * ROUND_SAMPLES)
  rounds.tick(0.4)
  assert.equal(rounds.take()?.samples.length, ROUND_SAMPLES)

  rounds.again('a')
  rounds.tick(1)
  rounds.tick(1 + ROUND_SECONDS)
  assert.equal(rounds.take()?.samples.length, 0)
})

test('a few at a time, in turn, and those without a result before all others', () => {
  const { rounds, told, open } = setUp()
  const ids = Array.from({ length: ROUNDS_MAX + 2 }, (_, at) => `a${at}`)
  for (const [at, id] of ids.entries()) open(id, `10.0.0.${at}`)
  rounds.tick(0)
  assert.equal(told.length, ROUNDS_MAX)

  rounds.tick(ROUND_SECONDS)
  for (let done = 0; done < ROUNDS_MAX; done++) rounds.again(rounds.take()!.attackId)
  assert.equal(rounds.hasFirst, true)
  open('late', '10.0.1.1')
  rounds.tick(ROUND_SECONDS + 0.1)

  const began = told.filter(word => word.startsWith('began')).slice(ROUNDS_MAX)
  assert.deepEqual(began.slice(0, 4), [
    `began a${ROUNDS_MAX}`,
    `began a${ROUNDS_MAX + 1}`,
    'began late',
    'began a0',
  ])
})

test('samples of all attacks together have a bound; who finds no room waits for a round', () => {
  const { rounds, open } = setUp()

  for (let at = 0; at < 200; at++) open(`a${at}`, `10.0.0.${at}`, some(ROUND_SAMPLES))

  assert.deepEqual([rounds.counts.held, rounds.hasRoom], [16 * ROUND_SAMPLES, false])
  for (let at = 0; at < 200; at++) rounds.close(`a${at}`)
  assert.deepEqual(rounds.counts, { waiting: 0, held: 0 })
})

test('however much those that wait have brought with them, rounds go on', () => {
  const { rounds, open } = setUp()
  for (let at = 0; at < 250; at++) open(`a${at}`, `10.0.0.${at}`, some(FIRST_SAMPLES - 1))
  const done = new Set<string>()

  for (let second = 0; done.size < 250 && second < 100; second++) {
    rounds.tick(second * ROUND_SECONDS)
    for (let ready = rounds.take(); ready !== undefined; ready = rounds.take()) done.add(ready.attackId)
  }

  assert.equal(done.size, 250)
})

test('an attack that ends is not sampled any more', () => {
  const { rounds, told, open, offer } = setUp()
  open('a', '10.0.0.1')
  rounds.tick(0)
  offer('198.18.0.1', '10.0.0.1', 5)

  rounds.close('a')
  rounds.again('a')
  rounds.tick(5)

  assert.deepEqual(told, ['began a', 'ended a'])
  assert.deepEqual([rounds.take(), rounds.isWanted, rounds.counts.held], [undefined, false, 0])
})
