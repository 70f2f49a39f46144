// Vectors of the lab replayed by the real program, each beside its nearest honest neighbour: what both are called.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { z } from 'zod'
import { mustRun, run } from '../../lab/command.ts'
import { writeVectors } from '../../lab/vectors/capture.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const WRITE = new URL('../../lab/vectors/write.ts', import.meta.url).pathname
const PACKETS = 6000
const CONFIG = `
networks: [10.10.0.0/16, 2001:db8:10::/48]
detection:
  banSeconds: 60
  thresholds: { incoming: { packetsPerSecond: 1000 }, outgoing: {} }
`
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-vectors-'))
after(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(config, CONFIG)

/** Those that make most of the attacks seen, and one of each further kind. */
const NAMED = [
  'dns-amplification',
  'ntp-amplification',
  'memcached-amplification',
  'cldap-amplification',
  'stun-amplification',
  'syn-flood',
  'syn-ack-reflection',
  'ack-flood',
  'udp-flood',
  'fragment-flood',
  'icmp-echo-flood',
  'gre-flood',
  'esp-flood',
  'ipv6-extension-flood',
] as const

const replaySchema = z.looseObject({
  attacks: z.array(
    z.looseObject({
      finding: z.looseObject({
        parts: z.array(z.looseObject({ vector: z.string(), reasons: z.array(z.string()) })),
        confidence: z.number(),
        packets: z.number(),
      }),
    }),
  ),
})

describe('a replay names each vector, and gives its nearest honest neighbour no name', {
  concurrency: 2,
}, () => {
  for (const vector of NAMED) {
    test(vector, async () => {
      const [attack, ...others] = await findingsOf(vector, false)
      const honest = await findingsOf(vector, true)

      assert.deepEqual(others, [])
      assert.deepEqual(
        attack?.parts.map(part => part.vector),
        [vector],
      )
      assert.ok(attack.confidence > 0.75, `confidence ${attack.confidence}`)
      assert.ok(attack.packets > 100, `${attack.packets} packets were looked at`)
      for (const { parts } of honest) assert.equal(parts[0]?.vector, 'unknown')
    })
  }
})

test('a replay tells a name in words', async () => {
  const capture = join(folder, 'by-command.pcap')
  const size = ['--packets', String(PACKETS), '--rate', '12000']
  await mustRun([process.execPath, WRITE, 'dns-amplification', capture, ...size])

  const { stdout } = await run([FLOODWARDEN, 'replay', capture, '--config', config], {
    timeoutMilliseconds: REPLAY_PATIENCE_MS,
  })

  assert.match(stdout, /^is: dns-amplification 100 % \(confidence \d+ %, from \d+ packets\)$/m)
})

function captureOf(vector: string, isHonest: boolean): string {
  const file = join(folder, `${vector}${isHonest ? '-honest' : ''}.pcap`)
  writeVectors(file, { vector, isHonest, packets: PACKETS, rate: 12_000, seed: 1 })
  return file
}

async function findingsOf(vector: string, isHonest: boolean) {
  const capture = captureOf(vector, isHonest)
  const { code, stdout, stderr } = await run([FLOODWARDEN, 'replay', capture, '--config', config, '--json'], {
    timeoutMilliseconds: REPLAY_PATIENCE_MS,
  })
  assert.equal(code, 0, stderr)
  rmSync(capture)
  return replaySchema.parse(JSON.parse(stdout)).attacks.map(({ finding }) => finding)
}
