// The API on a Unix socket of this machine: whoever may open it is admin (mode 0660), and the audit knows his uid.

import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, type Stats } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { Logger } from '#lib/log/logger.ts'
import { keepListening, type Listener, type Listening, type ListenOutcome } from '#lib/retry-listen.ts'
import type { AccessDesk } from './access/desk.ts'
import { callerOf } from './caller.ts'
import type { Control } from './control.ts'
import type { IdempotencyKeys } from './idempotency.ts'
import type { Resources } from './resources.ts'
import { buildApi } from './server.ts'

const SOCKET_MODE = 0o660
const DIRECTORY_MODE = 0o750
/** sun_path holds 108 bytes with its final zero (unix(7)). */
const PATH_BYTES_MAX = 107
const PROBE_MS = 1000
const BEING_MADE = '.new'

export interface ControlSocketOptions {
  readonly path: string
  readonly control: Control
  /** Users and tokens; missing: they cannot be managed here. */
  readonly accessDesk?: AccessDesk
  /** Missing: their paths do not exist. */
  readonly resources?: Partial<Resources>
  /** Of requests that were done; missing: its own. */
  readonly keys?: IdempotencyKeys
  readonly log: Logger
  readonly retryMs?: number
}

/** Serves the API on the socket. A socket that a dead daemon left is replaced, a live one is not; then it is tried again. */
export const serveControlSocket = (options: ControlSocketOptions): Listening =>
  keepListening({
    name: `control socket ${options.path}`,
    log: options.log,
    attempt: () => listenOnce(options),
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
  })

async function listenOnce(options: ControlSocketOptions): Promise<ListenOutcome> {
  const { path, control, accessDesk, resources, keys, log } = options
  const obstacle = await obstacleAt(path)
  if (obstacle !== undefined) return { kind: 'failed', error: obstacle }
  // Bound beside its place and moved there: it appears with its mode set, and a dead one is replaced in one step.
  const beingMade = path + BEING_MADE
  const server = buildApi({
    control,
    log,
    callerOf,
    ...(accessDesk && { accessDesk }),
    ...(resources && { resources }),
    ...(keys && { keys }),
  })
  try {
    rmSync(beingMade, { force: true })
    await server.listen({ path: beingMade })
    chmodSync(beingMade, SOCKET_MODE)
    renameSync(beingMade, path)
  } catch (error) {
    await server.close()
    return { kind: 'failed', error: messageOf(error) }
  }
  return { kind: 'listening', listener: closer(() => server.close(), path) }
}

/** Why the socket cannot be made, as far as it can be known before trying. */
async function obstacleAt(path: string): Promise<string | undefined> {
  if (Buffer.byteLength(path + BEING_MADE) > PATH_BYTES_MAX) {
    return `the path is too long for a socket: at most ${PATH_BYTES_MAX - BEING_MADE.length} bytes`
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE })
  } catch (error) {
    return messageOf(error)
  }
  const present = statOf(path)
  if (present === undefined) return undefined
  if (!present.isSocket()) return 'there is a file of that name that is no socket'
  return (await isAnswered(path)) ? 'another daemon answers on it' : undefined
}

/** Whether a living process listens on the socket. One we may not open counts as living. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path)
    const end = (isAlive: boolean) => {
      probe.destroy()
      resolve(isAlive)
    }
    // A start may keep the loop for longer than that, and timers have their turn first: a refusal that is there is heard.
    probe.setTimeout(PROBE_MS, () => setImmediate(() => setImmediate(() => end(true))))
    probe.once('connect', () => end(true))
    probe.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    )
  })
}

function closer(closeServer: () => Promise<unknown>, path: string): Listener {
  const ours = statOf(path)
  return {
    async close() {
      await closeServer()
      // Whoever replaced the socket meanwhile keeps his.
      const present = statOf(path)
      if (present?.ino === ours?.ino && present?.dev === ours?.dev) rmSync(path, { force: true })
    },
  }
}

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
