// What the command line touches of its process, so that tests can stand in for it.

import type { Client } from '#api/contract/client.ts'
import type { Door } from '#lib/door.ts'
import type { Secret } from './secret.ts'

/** Where words go: facts to `out`, complaints to `err`. Texts come with their line ends. */
export interface Output {
  out(text: string): void
  err(text: string): void
}

export interface Io extends Output {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** User of the process. */
  readonly uid: number | undefined
  /** Asks whoever sits at the terminal; `undefined` when nobody does. */
  question(text: string): Promise<string | undefined>
  /** A secret, typed without being shown, or from a pipe; `undefined` when there is none. */
  secret(text: string): Promise<Secret | undefined>
  /** A client of the daemon behind this door. */
  connect(door: Door): Client
}
