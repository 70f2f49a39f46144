import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROL } from '#3-traffic/host-tables.ts'
import { SILENT } from '#lib/log/logger.ts'
import { defaultConfig, type ResolvedConfig } from '../config/config.ts'
import { CaptureCrew } from './capture-crew.ts'
import { captureSource } from './capture-metrics.ts'
import { LINK_STATE } from './task.ts'

function configWith(capture: Partial<ResolvedConfig['capture']>): ResolvedConfig {
  const config = defaultConfig()
  return { ...config, networks: ['10.0.0.0/24'], capture: { ...config.capture, ...capture } }
}

/** A crew that was not started, and the control blocks of its workers. */
function crewOf(capture: Partial<ResolvedConfig['capture']>) {
  const crew = new CaptureCrew(configWith(capture), 1, SILENT)
  return { crew, controls: crew.sources.map(({ tables }) => tables.control) }
}

test('each interface has as many workers as configured, numbered through', () => {
  const { crew } = crewOf({ interfaces: ['eth0', 'eth1'], workers: 2, samplingRate: 7 })

  assert.deepEqual(
    crew.states.map(({ interface: name, worker, link }) => `${name}/${worker} ${link}`),
    ['eth0/0 unknown', 'eth0/1 unknown', 'eth1/2 unknown', 'eth1/3 unknown'],
  )
  assert.deepEqual(
    crew.sources.map(({ samplingRate }) => samplingRate),
    [7, 7, 7, 7],
  )
})

test('without an interface there is one for the default route, and none when capture is off', () => {
  assert.deepEqual(
    crewOf({ interfaces: [] }).crew.states.map(({ interface: name }) => name),
    ['default route'],
  )
  assert.deepEqual(crewOf({ method: 'off' }).crew.states, [])
})

test('what workers count goes on when a counter comes round, also when nobody looks at the states', () => {
  const { crew, controls } = crewOf({ interfaces: ['eth0'], workers: 1 })
  const [control] = controls
  // Four thousand million packets and more, a thousand million at a time, with only the second's turn in between.
  for (let turn = 0; turn < 6; turn++) {
    control![CONTROL.kernelPackets] = (control![CONTROL.kernelPackets]! + 1e9) | 0
    crew.follow()
  }
  control![CONTROL.kernelDrops] = 5

  const [state] = crew.states

  assert.equal(state!.kernelPackets, 6e9)
  assert.equal(state!.kernelDrops, 5)
})

test('link states are told as the worker writes them', () => {
  const { crew, controls } = crewOf({ interfaces: ['eth0'], workers: 1 })

  const links = (['up', 'down', 'gone', 'unknown'] as const).map(state => {
    controls[0]![CONTROL.linkState] = LINK_STATE[state]
    return crew.states[0]!.link
  })

  assert.deepEqual(links, ['up', 'down', 'missing', 'unknown'])
})

test('a crew that cannot capture says why, and stops when it is asked, also twice', async () => {
  const { crew } = crewOf({ interfaces: ['no-such-card'], workers: 1 })

  await crew.start(error => assert.fail(String(error)))
  const [state] = crew.states
  await crew.stop()
  await crew.stop()

  assert.match(state!.problem ?? '', /^cannot capture on no-such-card: /)
  assert.equal(state!.link, 'unknown')
})

test('hosts that came and went are summed over all workers', () => {
  const { crew, controls } = crewOf({ interfaces: ['eth0'], workers: 2 })
  for (const [at, control] of controls.entries()) {
    control[CONTROL.hostsEvicted] = 1 + at
    control[CONTROL.hostsRefused] = 10
    control[CONTROL.hostsReleased] = 100
    control[CONTROL.watchSkipped] = 1000
    control[CONTROL.slotsUsed] = 256
    control[CONTROL.hostsV6] = 5 * at
  }

  const totals = { evicted: 3, refused: 20, released: 200, samplesSkipped: 2000 }
  assert.deepEqual(crew.slotCounts, { ...totals, used: 512, ipv6: 5 })
})

test('metrics sum the workers of an interface', () => {
  const { crew, controls } = crewOf({ interfaces: ['eth0', 'eth1'], workers: 2, ringMegabytes: 64 })
  for (const [at, control] of controls.entries()) {
    control[CONTROL.kernelPackets] = 10 ** at
    control[CONTROL.linkState] = at === 1 ? LINK_STATE.down : LINK_STATE.up
  }

  const values = [...captureSource(crew)()]

  const of = (name: string) => values.filter(value => value.name === name).map(({ value }) => value)
  assert.deepEqual(of('floodwarden_capture_packets_total'), [11, 1100])
  assert.deepEqual(of('floodwarden_capture_link_up'), [0, 1])
  assert.deepEqual(of('floodwarden_capture_ring_bytes'), [128 << 20, 128 << 20])
})
