// What the daemon is made of, and whom it tells when it cannot go on.

import type { Logger } from '#lib/log/logger.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Origin } from './config/load.ts'
import type { OpenedSocket } from './telemetry/task.ts'

export interface DaemonOptions {
  readonly config: ResolvedConfig
  readonly origin: { readonly kind: Origin; readonly file: string | undefined }
  readonly stateDirectory: string
  readonly warnings: readonly string[]
  readonly listeners: () => readonly string[]
  /** Sockets of flow telemetry that were opened already (telemetry/sockets.ts). */
  readonly telemetrySockets?: readonly (OpenedSocket | undefined)[]
  readonly log: Logger
  /** A mistake of ours ended a worker: the process must not go on. */
  readonly died: (error: unknown) => void
  /** It cannot go on, and why: another daemon does its work. */
  readonly mustEnd: (problem: string) => void
}
