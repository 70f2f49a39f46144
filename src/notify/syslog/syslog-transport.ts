// Carries a message of the syslog: one datagram (RFC 5426), or a connection for each over TCP (RFC 6587) or TLS (RFC 5425).
//
// Notices are few: a connection for each that is ended in order says whether the message has left whole, which one that is
// kept open does not.

import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { formatServerAddress, type ServerAddress } from '#lib/server-address.ts'
import type { Carried } from '../delivery/carrier.ts'
import { framed } from './syslog-message.ts'

export interface SyslogServer {
  readonly server: ServerAddress
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** Certificates the server is checked against, instead of those of the system. */
  readonly caFile: string | undefined
  readonly timeoutMs: number
}

const LINGER_MS = 2000

/**
 * Taken: over UDP that the system took it, else that the other side has ended its side too, or that all of it was handed over
 * and no error came within `LINGER_MS`. Never rejects.
 */
export async function sendSyslog(message: Buffer, to: SyslogServer): Promise<Carried> {
  try {
    if (to.transport === 'udp') await datagram(message, to.server)
    else await stream(framed(message), to)
    return { kind: 'taken' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    return { kind: 'later', error: `${formatServerAddress(to.server)}: ${code}` }
  }
}

function datagram(message: Buffer, { host, port }: ServerAddress): Promise<void> {
  return new Promise((done, failed) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
    socket.on('error', failed)
    socket.send(message, port, host, error => {
      socket.close()
      if (error === null) done()
      else failed(error)
    })
  })
}

async function stream(bytes: Buffer, { server, transport, caFile, timeoutMs }: SyslogServer): Promise<void> {
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile) }
  const name = isIP(server.host) === 0 ? { servername: server.host } : {}
  await new Promise<void>((done, failed) => {
    const socket: Socket =
      transport === 'tls' ? connectTls({ ...server, ...ca, ...name }) : connect({ ...server })
    const timer = setTimeout(() => socket.destroy(new Late()), timeoutMs)
    const settle = (end: () => void) => () => {
      clearTimeout(timer)
      end()
    }
    socket.on('error', error => settle(() => failed(error))())
    // All was written and the other side has ended too: it has all of it. One that never ends is not waited for.
    socket.on('close', hadError => settle(hadError ? () => {} : done)())
    socket.once('finish', () => setTimeout(() => socket.destroy(), LINGER_MS).unref())
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => socket.end(bytes))
    socket.resume()
  })
}

class Late extends Error {
  readonly code = 'no answer in time'
}
