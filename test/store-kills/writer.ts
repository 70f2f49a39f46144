// A program under load that a test kills: the real store with its worker and queue. It prints what it was told is on disk.
//
// Lines: `event ID`, `mitigation ID VERSION` (at least this version is kept), `gone ID`.

import { writeSync } from 'node:fs'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { SILENT } from '#lib/log/logger.ts'
import { DEFAULT_STORE } from '#store/config.ts'
import { DiskStore } from '#store/disk-store.ts'

const [directory = '', name = '', url] = process.argv.slice(2)
const EVENTS_AT_ONCE = 40
const PIPE_FULL_MS = 5
/** Nobody ever wakes who waits for it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4))
const MITIGATIONS_AT_ONCE = 10

const disk = new DiskStore({
  directory,
  postgres: url === undefined ? undefined : { url },
  retention: DEFAULT_STORE.retention,
  log: SILENT,
  found: () => say('open'),
  lost: () => say('lost'),
  retryMs: 100,
})
await disk.open()
await Promise.all([
  ...Array.from({ length: EVENTS_AT_ONCE }, (_, lane) => sendEvents(lane)),
  ...Array.from({ length: MITIGATIONS_AT_ONCE }, (_, lane) => holdMitigations(lane)),
])

/** One system call: what was said before a kill was said. Whoever reads may be slow, and the pipe full for a while. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      Atomics.wait(NEVER, 0, 0, PIPE_FULL_MS)
    }
  }
}

async function sendEvents(lane: number): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `${name}-${lane}-${count}`
    const fate = await disk.keepEvent(
      {
        ...{ id, source: name, externalId: id, receivedAt: Date.now(), report: { count } },
        ...{ host: '192.0.2.1', outcome: 'accepted', attackId: '' },
      },
      60_000,
    )
    if (fate.kind === 'kept') say(`event ${id}`)
  }
}

async function holdMitigations(lane: number): Promise<void> {
  for (let count = 0; ; count++) {
    const id = `${name}-${lane}-${count}`
    for (const version of [1, 2, 3]) {
      disk.put({ kind: 'mitigation', mitigation: mitigation(id, version) })
      disk.record({
        ...{ at: Date.now(), who: 'floodwarden', what: 'renew', target: id, attackId: id },
        ...{ mitigationId: id, outcome: 'done', reason: `version ${version}` },
      })
      if (await disk.onDisk(60_000)) say(`mitigation ${id} ${version}`)
    }
    if (count % 2 === 0) continue
    disk.put({ kind: 'mitigation-gone', id })
    if (await disk.onDisk(60_000)) say(`gone ${id}`)
  }
}

function mitigation(id: string, version: number): Mitigation {
  return {
    ...{ id, attackId: id, target: '192.0.2.1', enforcer: 'notify-script', reason: 'because' },
    ...{ action: { kind: 'script', path: '/bin/true' }, ...EXAMPLE_LIFE, createdAt: 1, expiresAt: version },
    ...{ state: 'announced', announcedAt: 1 },
  }
}
