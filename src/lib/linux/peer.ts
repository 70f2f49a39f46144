// Who is at the other end of a Unix socket (SO_PEERCRED, unix(7)): the kernel's word, not the caller's.

import type { Socket } from 'node:net'
import { getsockopt } from './libc.ts'

/** struct ucred, as 32-bit words. */
export const UCRED = { words: 3, pid: 0, uid: 1, gid: 2 } as const

const SOL_SOCKET = 1
const SO_PEERCRED = 17

/** The process that connected, as it was at that moment. */
export interface Peer {
  readonly processId: number
  readonly userId: number
  readonly groupId: number
}

/** Peer of a connected Unix socket by its descriptor; `undefined` for any other descriptor. */
export function peerOf(fd: number): Peer | undefined {
  const credentials = new Uint32Array(UCRED.words)
  const length = Uint32Array.of(credentials.byteLength)
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) < 0) return undefined
  const processId = credentials[UCRED.pid] ?? 0
  // A socket of another family answers with pid 0 and ids of -1.
  if (processId === 0) return undefined
  return { processId, userId: credentials[UCRED.uid] ?? 0, groupId: credentials[UCRED.gid] ?? 0 }
}

/** Descriptor of a Node socket, which Node has but does not promise; `undefined` when it is closed or Node has changed. */
export function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return undefined
  const fd: unknown = Reflect.get(handle, 'fd')
  return typeof fd === 'number' && fd >= 0 ? fd : undefined
}
