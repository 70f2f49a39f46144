// Who sent a request over the control socket, by the word of the kernel.

import type { FastifyRequest } from 'fastify'
import { descriptorOf, peerOf } from '#lib/linux/peer.ts'
import type { Caller } from './control.ts'

/** The process at the other end; without uid and pid when the connection is gone already. */
export function callerOf(request: FastifyRequest): Caller {
  const fd = descriptorOf(request.raw.socket)
  const peer = fd === undefined ? undefined : peerOf(fd)
  return { uid: peer?.userId, pid: peer?.processId }
}
