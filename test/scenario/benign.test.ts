// Honest traffic that goes over a limit, replayed by the real program at a tenth of its rate: nobody is banned.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { BENIGN_CASES, benignFrames } from '../../lab/benign/benign.ts'
import { run } from '../../lab/command.ts'
import { writePcap } from '../../lab/write-pcap.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const LIMIT = 2000
/** What a minute at 1.2 times the limit leaves drains in 16 s. */
const CALM_SECONDS = 17
/** Enough for all headers. */
const SNAP_BYTES = 96
const CONFIG = `
networks: [10.10.0.0/16]
detection: { thresholds: { incoming: { packetsPerSecond: ${LIMIT} }, outgoing: {} } }
`
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-benign-'))
after(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(config, CONFIG)

describe('honest traffic over a limit is borne, and it is told why', { concurrency: 2 }, () => {
  for (const one of BENIGN_CASES) {
    test(one.title, async () => {
      const file = join(folder, `${one.name}.pcap`)
      writePcap(file, benignFrames(one, { limit: LIMIT, calmSeconds: CALM_SECONDS }), SNAP_BYTES)
      const argv = [FLOODWARDEN, 'replay', file, '--config', config]

      const { code, stdout, stderr } = await run(argv, { timeoutMilliseconds: REPLAY_PATIENCE_MS })

      rmSync(file)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^\d+ packets, 0 attacks/, stdout)
      assert.ok(stdout.includes(`${one.host}: incoming packets at `), stdout)
      assert.match(stdout, /burst, tolerated, because .* with a suspicion of/)
    })
  }
})
