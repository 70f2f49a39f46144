// Honest traffic that goes over a limit, replayed by the real program at a tenth of its rate: nobody is banned.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { BENIGN_CASES } from '../../lab/benign/benign.ts'
import { mustRun, run } from '../../lab/command.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const WRITE = new URL('../../lab/benign/write.ts', import.meta.url).pathname
const CONFIG = `
networks: [10.10.0.0/16]
detection: { thresholds: { incoming: { packetsPerSecond: 2000 }, outgoing: {} } }
`
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-benign-'))
after(() => rmSync(folder, { recursive: true }))
const config = join(folder, 'config.yaml')
writeFileSync(config, CONFIG)

describe('honest traffic over a limit is borne', { concurrency: 2 }, () => {
  for (const { name, title } of BENIGN_CASES) {
    test(title, async () => {
      const file = join(folder, `${name}.pcap`)
      await mustRun([process.execPath, WRITE, name, file, '--limit', '2000'])

      const { code, stdout, stderr } = await run([FLOODWARDEN, 'replay', file, '--config', config])

      rmSync(file)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /^\d+ packets, 0 attacks/, stdout)
    })
  }
})
