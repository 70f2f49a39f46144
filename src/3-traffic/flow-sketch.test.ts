import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildFrame } from '../../lab/frame.ts'
import { Random } from '../../lab/random.ts'
import { type CountingSetup, countingSetup } from './counting-for-tests.ts'
import { ALL_PARTS, partsOf, RANK_MAX } from './flow-sketch.ts'
import { SKETCH_REGISTERS } from './host-tables.ts'

const HOST = '10.0.0.1'
const SOURCE_AT = 26

/** One frame whose source and ports are set anew for each flow. */
const bytes = buildFrame([
  { kind: 'ethernet' },
  { kind: 'ipv4', source: '198.18.0.1', target: HOST },
  { kind: 'udp', sourcePort: 1, targetPort: 2 },
])
const view = new DataView(bytes.buffer)

function sendFlow(setup: CountingSetup, source: number, ports: number): void {
  view.setInt32(SOURCE_AT, source | 0x4000_0000)
  view.setInt32(SOURCE_AT + 8, ports)
  setup.frame({ bytes })
}

function nextWindow(setup: CountingSetup): void {
  const window = setup.control('window') + 1
  setup.tick(window, window)
  setup.counting.syncEpoch()
}

/** Estimates for so many distinct flows, each time others. */
function estimates(setup: CountingSetup, flows: number, runs: number): number[] {
  const random = new Random(flows)
  return Array.from({ length: runs }, () => {
    nextWindow(setup)
    const source = random.next()
    for (let flow = 0; flow < flows; flow++) sendFlow(setup, source + (flow >>> 10), flow * 65_537)
    return setup.flows(HOST, 'incoming')
  })
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('the estimate errs by some 8 percent and on average hardly at all', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  for (const [flows, runs] of [
    [10, 300],
    [100, 300],
    [1000, 150],
    [10_000, 50],
    [100_000, 16],
  ] as const) {
    const errors = estimates(setup, flows, runs).map(estimate => estimate / flows - 1)

    const bias = mean(errors)
    const deviation = Math.sqrt(mean(errors.map(error => (error - bias) ** 2)))
    assert.ok(Math.abs(bias) < 0.03, `${flows} flows: ${(bias * 100).toFixed(1)} % off on average`)
    assert.ok(deviation < 0.1, `${flows} flows: deviation ${(deviation * 100).toFixed(1)} %`)
    assert.ok(
      errors.every(error => Math.abs(error) < 0.45),
      `${flows} flows: ${Math.max(...errors.map(Math.abs))}`,
    )
  }
})

test('the first few flows are counted exactly', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])

  for (const flows of [1, 2, 5]) {
    const found = estimates(setup, flows, 50)

    assert.ok(mean(found.map(estimate => Math.abs(estimate - flows))) < 0.05 * flows, String(found))
  }
})

test('packets of a flow that was seen already count nothing', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  for (let flow = 0; flow < 500; flow++) sendFlow(setup, flow, 7)
  const once = setup.flows(HOST, 'incoming')

  for (let again = 0; again < 3; again++) {
    for (let flow = 0; flow < 500; flow++) sendFlow(setup, flow, 7)
  }

  assert.equal(setup.flows(HOST, 'incoming'), once)
})

test('a window that has ended is remembered until the next one ends', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  const readings = () => [setup.flows(HOST, 'incoming', 'before'), setup.flows(HOST, 'incoming', 'now')]
  for (let flow = 0; flow < 20; flow++) sendFlow(setup, flow, 7)
  const first = setup.flows(HOST, 'incoming')
  assert.deepEqual(readings(), [0, first])

  // Whether the line has traffic in the new window already or not, the one before says the same.
  nextWindow(setup)
  assert.deepEqual(readings(), [first, 0])
  sendFlow(setup, 1, 7)
  assert.deepEqual(readings(), [first, 1])

  nextWindow(setup)
  assert.deepEqual(readings(), [1, 0])
  nextWindow(setup)
  assert.deepEqual(readings(), [0, 0])
})

test('after silent windows the estimate begins anew', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])
  for (let flow = 0; flow < 20; flow++) sendFlow(setup, flow, 7)

  nextWindow(setup)
  nextWindow(setup)
  sendFlow(setup, 1, 7)

  assert.equal(setup.flows(HOST, 'incoming', 'before'), 0)
  assert.equal(setup.flows(HOST, 'incoming', 'now'), 1)
})

test('each direction of a host has flows of its own', async () => {
  const setup = await countingSetup(['10.0.0.0/24'])

  for (let flow = 0; flow < 3; flow++) sendFlow(setup, flow, flow)

  assert.equal(Math.round(setup.flows(HOST, 'incoming')), 3)
  assert.equal(setup.flows(HOST, 'outgoing'), 0)
})

test('chances belong to the ranks: an empty sketch takes every flow, a full one none', () => {
  assert.equal(partsOf(0) * SKETCH_REGISTERS, ALL_PARTS)
  assert.equal(partsOf(RANK_MAX), 0)
  for (let rank = 1; rank < RANK_MAX; rank++) assert.equal(partsOf(rank) * 2, partsOf(rank - 1))
})
