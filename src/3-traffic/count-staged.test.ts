// With so many hosts that their counters do not stay in the caches packets are staged: nothing else may come of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildFrame } from '../../lab/frame.ts'
import type { Layer } from '../../lab/layer.ts'
import { type CountingSetup, countingSetup } from './counting-for-tests.ts'

const NETWORKS = ['10.20.0.0/16', '2001:db8::/64']
const CROWD = 5000
const hostOf = (number: number): string => `10.20.${number >> 8}.${number & 255}`
const host6Of = (number: number): string => `2001:db8::${number.toString(16)}`

const frame = (source: string, target: string, sourcePort: number) => ({
  bytes: buildFrame([
    { kind: 'ethernet' },
    { kind: target.includes(':') ? 'ipv6' : 'ipv4', source, target } as Layer,
    { kind: 'udp', sourcePort, targetPort: 53 },
    { kind: 'payload', bytes: 20 },
  ]),
})

/** A worker that has seen more hosts in the last window than it counts one by one. */
async function crowded(hostsMax = 8192): Promise<CountingSetup> {
  const setup = await countingSetup(NETWORKS, { hostsMax, internal: 'both' })
  for (let first = 0; first < CROWD; first += 250)
    setup.block(Array.from({ length: 250 }, (_, at) => frame('198.18.0.1', hostOf(first + at), at)))
  setup.tick(2, 2)
  setup.counting.syncEpoch()
  return setup
}

test('every packet of a stage counts for its own host, once for each of its ends that is ours', async () => {
  const setup = await crowded()
  const [one, other] = [hostOf(1), hostOf(4000)]

  setup.block([
    ...Array.from({ length: 100 }, (_, at) => frame('198.18.0.2', hostOf(at % 10), 1000 + at)),
    frame(one, other, 7),
    frame(one, '198.18.0.3', 8),
    frame('3fff::1', host6Of(5), 9),
    frame(host6Of(5), host6Of(6), 10),
  ])

  assert.equal(setup.line(hostOf(0), 'incoming')['udp']?.[0], 11)
  assert.equal(setup.line(one, 'incoming')['udp']?.[0], 11)
  assert.equal(setup.line(one, 'outgoing')['udp']?.[0], 2)
  assert.equal(setup.line(other, 'incoming')['udp']?.[0], 2)
  assert.equal(setup.line(host6Of(5), 'incoming')['udp']?.[0], 1)
  assert.equal(setup.line(host6Of(5), 'outgoing')['udp']?.[0], 1)
  assert.equal(Math.round(setup.flows(hostOf(0), 'incoming')), 10)
  assert.equal(setup.total('internal')[0], 1)
})

test('a host whose packet is staged keeps its slot when another one of the same block needs room', async () => {
  const setup = await countingSetup(NETWORKS, { hostsMax: 5120 })
  const crowd6 = Array.from({ length: 5120 }, (_, at) => host6Of(at + 1))
  for (let first = 0; first < crowd6.length; first += 256)
    setup.block(crowd6.slice(first, first + 256).map(host => frame('3fff::1', host, 1)))
  for (const window of [2, 3, 4]) {
    setup.tick(window, window)
    setup.counting.syncEpoch()
    // Enough of them, each time, that packets are staged; the last ones stay silent.
    for (let first = 0; first < 4352; first += 256)
      setup.block(crowd6.slice(first, first + 256).map(host => frame('3fff::1', host, 2)))
  }
  setup.tick(5, 5)
  setup.counting.syncEpoch()
  const silent = crowd6.slice(4352)

  setup.block(
    silent.flatMap((host, at) => [frame('3fff::2', host, 3), frame('3fff::2', host6Of(9000 + at), 3)]),
  )

  const counted = (host: string) => setup.line(host, 'incoming')['udp']?.[0] ?? 0
  const wrong = silent.slice(-200).filter(host => setup.slotOf(host) !== 0 && counted(host) > 2)
  assert.deepEqual(wrong, [])
  for (let at = 0; at < silent.length; at++) {
    const fresh = host6Of(9000 + at)
    if (setup.slotOf(fresh) !== 0) assert.equal(counted(fresh), 1, fresh)
  }
})
