// Hot path. The clock of an exporter as its datagrams show it: how far from ours, and whether it began anew.

import type { Domain } from './exporter.ts'

/** A time since start that falls back by more than this is a restart; by less, a datagram that was overtaken. */
const RESTART_MS = 60_000
/** Past this the next number may be small because 32 bits are full. */
const NEARLY_FULL_MS = 0xffff_ffff - 3_600_000

/** Takes the time since start (ms) and the clock (ms since 1970) from the head of a datagram. Returns whether the exporter began anew. */
export function followUptime(
  domain: Domain,
  uptimeMs: number,
  exportMs: number,
  receivedMs: number,
): boolean {
  const before = domain.uptimeMs
  const isRestart = domain.exportMs !== 0 && uptimeMs + RESTART_MS < before && before < NEARLY_FULL_MS
  if (isRestart) {
    domain.sequence.restart()
    domain.exporter.tell({ kind: 'restarted', domain: domain.id })
  }
  domain.uptimeMs = uptimeMs
  domain.exportMs = exportMs
  domain.skewMs = receivedMs - exportMs
  return isRestart
}
