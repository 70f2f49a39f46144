// Where the program keeps its state, and where its control socket is. One rule for daemon and clients.

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

export const SYSTEM_STATE = '/var/lib/floodwarden'
const SYSTEM_SOCKET = '/run/floodwarden/control.sock'
const SOCKET_NAME = 'control.sock'

/** What the rule looks at; everything else is the machine's. */
export interface StateQuestion {
  /** Value of `--state`. */
  readonly flag: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** User of this process; undefined where the system has none. */
  readonly uid: number | undefined
}

/** `--state`, else FLOODWARDEN_STATE, else /var/lib/floodwarden for root, else the XDG state directory. Absolute. */
export function stateDirectory(question: StateQuestion): string {
  const named = namedState(question)
  if (named !== undefined) return resolve(named)
  return question.uid === 0 ? SYSTEM_STATE : ownState(question.environment)
}

/** /run/floodwarden/control.sock for the system's state directory, whoever runs the daemon; else a socket inside the state. */
export function controlSocket(state: string): string {
  return resolve(state) === SYSTEM_STATE ? SYSTEM_SOCKET : join(state, SOCKET_NAME)
}

/**
 * Where a client looks for the daemon. A user who names no state and runs no daemon of his own means the system's:
 * the daemon of a service account and its operators then meet without a flag.
 */
export function clientSocket(
  question: StateQuestion,
  exists: (path: string) => boolean = existsSync,
): string {
  const own = controlSocket(stateDirectory(question))
  if (namedState(question) !== undefined || exists(own) || !exists(SYSTEM_SOCKET)) return own
  return SYSTEM_SOCKET
}

function namedState(question: StateQuestion): string | undefined {
  const named = question.flag ?? question.environment['FLOODWARDEN_STATE']
  return named === '' ? undefined : named
}

/** XDG Base Directory Specification: a relative XDG_STATE_HOME is ignored. */
function ownState(environment: StateQuestion['environment']): string {
  const xdg = environment['XDG_STATE_HOME']
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'floodwarden')
  return join(environment['HOME'] || homedir(), '.local', 'state', 'floodwarden')
}
