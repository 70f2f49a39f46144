// Hosts that get much UDP for good reasons, and the floods that look most like it: the burst is borne, the flood is banned.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { run } from '../../lab/command.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { TimedFrame } from '../../lab/timeline.ts'
import { Draw } from '../../lab/vectors/draw.ts'
import { type PacketMaker, US } from '../../lab/vectors/packet.ts'
import { VECTOR_CASES } from '../../lab/vectors/vectors.ts'
import { writePcap } from '../../lab/write-pcap.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const LIMIT = 2000
const CALM = { seconds: 17, times: 0.25 }
const OVER_TIMES = 1.5
const SNAP_BYTES = 96
const CONFIG = `
networks: [10.10.0.0/16]
detection: { thresholds: { incoming: { packetsPerSecond: ${LIMIT} }, outgoing: {} } }
`
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-collectors-'))
after(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(config, CONFIG)

const CASES = [
  { vector: 'snmp-amplification', neighbour: /^a poller of ours/, seconds: 6 },
  // Nothing answers a syslog, so that less speaks for it.
  { vector: 'udp-flood', neighbour: /^a collector that forty servers/, seconds: 3 },
  { vector: 'random-protocol-flood', neighbour: /^a gateway that speaks/, seconds: 6 },
] as const

/** The neighbour in calm, then `over` above the limit, then calm again; all the rates are of packets towards us. */
function* spells(calm: PacketMaker, over: PacketMaker, overSeconds: number): Generator<TimedFrame> {
  const draw = new Draw(1)
  let nanos = 0
  for (const [maker, { seconds, times }] of [
    [calm, CALM],
    [over, { seconds: overSeconds, times: OVER_TIMES }],
    [calm, CALM],
  ] as const) {
    const step = 1e9 / (LIMIT * times)
    const end = nanos + seconds * 1e9
    for (let at = 0; nanos < end; at++) {
      const layers = maker(draw, at)
      yield { nanos: Math.floor(nanos), bytes: buildFrame(layers) }
      if (layers.some(layer => layer.kind === 'ipv4' && layer.target === US)) nanos += step
    }
    nanos = end
  }
}

async function replayed(calm: PacketMaker, over: PacketMaker, overSeconds: number): Promise<string> {
  const file = join(folder, 'traffic.pcap')
  writePcap(file, spells(calm, over, overSeconds), SNAP_BYTES)
  const argv = [FLOODWARDEN, 'replay', file, '--config', config]
  const { code, stdout, stderr } = await run(argv, { timeoutMilliseconds: REPLAY_PATIENCE_MS })
  rmSync(file)
  assert.equal(code, 0, stderr)
  return stdout
}

describe('what an honest host gets much of is borne, and the flood that looks like it is banned by its name', () => {
  for (const { vector, neighbour: title, seconds } of CASES) {
    test(`${vector}, and ${title.source.slice(1)}`, async () => {
      const found = VECTOR_CASES.find(each => each.vector === vector && title.test(each.neighbour.title))
      assert.ok(found)
      const { attack, neighbour } = found

      const honest = await replayed(neighbour.packets, neighbour.packets, seconds)
      const flood = await replayed(neighbour.packets, attack, seconds)

      assert.match(honest, /^\d+ packets, 0 attacks/)
      assert.match(honest, /burst, tolerated, because .* with a suspicion of/)
      assert.match(flood, /^\d+ packets, 1 attack\n/)
      assert.match(flood, new RegExp(`^is: ${vector} \\d+ % \\(confidence`, 'm'))
    })
  }
})
