// Floods of strangers replayed by the real program at a tenth of their rate: how soon each is found.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { z } from 'zod'
import { run } from '../../lab/command.ts'
import { caseOf, timedFramesOf } from '../../lab/vectors/vectors.ts'
import { FILE_START_SECONDS, writePcap } from '../../lab/write-pcap.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const LIMIT = 2000
const SNAP_BYTES = 128
const CONFIG = `
networks: [10.10.0.0/16]
detection: { thresholds: { incoming: { packetsPerSecond: ${LIMIT} }, outgoing: {} } }
`
/** What separates the ban from the first packet at most, by how many times the limit it is. */
const GATES = [
  { times: 10, withinSeconds: 0.3 },
  { times: 3, withinSeconds: 0.6 },
  { times: 1.25, withinSeconds: 3 },
]
const VECTORS = ['udp-flood', 'syn-flood', 'dns-amplification']

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-floods-'))
after(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(config, CONFIG)

const replaySchema = z.looseObject({
  attacks: z.array(
    z.looseObject({ attack: z.looseObject({ host: z.string(), openedAt: z.iso.datetime() }) }),
  ),
})

describe('a flood is found soon, and sooner the larger it is', { concurrency: 2 }, () => {
  for (const vector of VECTORS) {
    for (const { times, withinSeconds } of GATES) {
      test(`${vector} at ${times} times the limit within ${withinSeconds} s`, async () => {
        const opened = await openedIn(vector, LIMIT * times, withinSeconds + 0.5)

        assert.equal(opened.length, 1)
        assert.ok(opened[0]! <= withinSeconds, `found after ${opened[0]} s`)
      })
    }
  }
})

/** When attacks opened, in seconds from the first packet. */
async function openedIn(vector: string, rate: number, seconds: number): Promise<number[]> {
  const maker = caseOf(vector)?.attack
  assert.ok(maker, vector)
  const file = join(folder, `${vector}-${rate}.pcap`)
  writePcap(file, timedFramesOf(maker, { packets: Math.ceil(rate * seconds), rate }), SNAP_BYTES)

  const { code, stdout, stderr } = await run([FLOODWARDEN, 'replay', file, '--config', config, '--json'], {
    timeoutMilliseconds: REPLAY_PATIENCE_MS,
  })

  rmSync(file)
  assert.equal(code, 0, stderr)
  const { attacks } = replaySchema.parse(JSON.parse(stdout))
  return attacks.map(({ attack }) => Date.parse(attack.openedAt) / 1000 - FILE_START_SECONDS)
}
