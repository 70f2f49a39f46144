// Where lines of the log go beside the log itself: the local syslog and one over UDP. What cannot leave at once is lost.

import { createSocket } from 'node:dgram'
import { hostname } from 'node:os'
import { UnixDatagram } from '#lib/linux/unix-datagram.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { SyslogConfig } from './config.ts'
import type { LogLevel } from './logger.ts'
import { type SyslogForm, type SyslogSender, syslogMessage } from './syslog-line.ts'

const LOCAL_PATH = '/dev/log'
/** Datagrams of ours that the system has not taken yet, at most. */
const QUEUED_MAX = 1000

export interface SyslogOutput {
  readonly name: 'syslog' | 'remote-syslog'
  /** Lines that were not sent. */
  readonly dropped: number
  /** `text` may hold several lines: each is a message. */
  write(atMs: number, level: LogLevel, text: string): void
  /** Nothing is written any more; settles when what was has left. */
  close(): Promise<void>
}

/** The syslogs that are asked for; `localPath` is for tests. */
export function openSyslogs(config: SyslogConfig, localPath = LOCAL_PATH): SyslogOutput[] {
  const sender: SyslogSender = { ...config, processId: process.pid, hostname: hostname() || '-' }
  const outputs: SyslogOutput[] = []
  if (config.local) {
    const socket = new UnixDatagram(localPath)
    outputs.push(
      outputOf('syslog', 'local', sender, {
        send: (bytes, lost) => socket.send(bytes) || lost(),
        close: async () => socket.close(),
      }),
    )
  }
  const remote = parseListenAddress(config.remote)
  if (remote !== undefined) {
    outputs.push(outputOf('remote-syslog', config.remoteForm, sender, udpTo(remote.host, remote.port)))
  }
  return outputs
}

interface Carrier {
  send(bytes: Uint8Array, lost: () => void): void
  close(): Promise<void>
}

function udpTo(host: string, port: number): Carrier {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('error', () => {})
  socket.unref()
  const { promise: idle, resolve: rest } = Promise.withResolvers<void>()
  let queued = 0
  let isClosing = false
  return {
    send(bytes, lost) {
      if (queued >= QUEUED_MAX) return lost()
      queued++
      socket.send(bytes, port, host, error => {
        queued--
        if (error !== null) lost()
        if (isClosing && queued === 0) rest()
      })
    },
    async close() {
      isClosing = true
      if (queued === 0) rest()
      await idle
      socket.close()
    },
  }
}

function outputOf(
  name: SyslogOutput['name'],
  form: SyslogForm,
  sender: SyslogSender,
  carrier: Carrier,
): SyslogOutput {
  let dropped = 0
  let isClosed = false
  const lost = () => {
    dropped++
  }
  return {
    name,
    get dropped() {
      return dropped
    },
    write(atMs, level, text) {
      if (isClosed) return
      for (const line of text.split('\n')) {
        if (line !== '') carrier.send(syslogMessage(form, atMs, level, line, sender), lost)
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await carrier.close()
    },
  }
}
