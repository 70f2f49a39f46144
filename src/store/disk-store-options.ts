// What the store on a disk or in a database is given, and whom it tells.

import type { Logger } from '#lib/log/logger.ts'
import type { Kept, PostgresPlace } from './change.ts'
import type { Retention } from './retention.ts'

export interface DiskStoreOptions {
  readonly directory: string
  /** Missing: the state is a file in the directory. */
  readonly postgres?: PostgresPlace | undefined
  readonly retention: Retention
  readonly log: Logger
  /** Told once, when the file is open: what an earlier run left. */
  readonly found: (kept: Kept) => void
  /** The file is a new and empty one, not for the first time: all that holds must be told again. */
  readonly lost: () => void
  /** Told when it turns out after the start that another daemon uses the state. */
  readonly heldLate?: (problem: string) => void
  /** From a failure to the next try; 2 s unless a test is in a hurry. */
  readonly retryMs?: number
  /** Whoever opens waits so long; see `OPEN_WAIT_MS` and `DATABASE_WAIT_MS`, unless a test has all the time there is. */
  readonly openWaitMs?: number
}
