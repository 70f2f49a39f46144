// IPFIX over TCP (RFC 7011, 10.4): connections of exporters, parted into messages. Templates live as long as their connection.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatagramMemory } from '#1-capture/udp/datagram-memory.ts'
import { setSender } from '#1-capture/udp/dgram-receiver.ts'
import { MessageStream } from '#2-decode/ipfix/message-stream.ts'
import { steadyMs } from '#lib/steady-ms.ts'
import type { ConnectionCounts, ListenerPlan } from './task.ts'
import { type Reception, type Turns, WAIT_MS } from './turns.ts'

export interface StreamLimits {
  /** Connections at once; each holds 128 KiB at most. */
  readonly connections: number
  /** A connection that brings no whole message for so long is closed. */
  readonly idleMs: number
  /** So often it is looked who is idle, or listed no longer. */
  readonly lookMs: number
}

const LIMITS: StreamLimits = { connections: 256, idleMs: 600_000, lookMs: 1000 }
/** Has the kernel find out that the other end is gone without a word. */
const KEEP_ALIVE_MS = 60_000

interface Connection {
  readonly socket: Socket
  readonly stream: MessageStream
  /** Its number, as long as it is open. */
  readonly session: number
  readonly from: { readonly address: string; readonly port: number }
  /** When its last whole message came, by the steady clock. */
  messageAt: number
}

/** Why a connection was closed by us. */
type Why = Exclude<keyof ConnectionCounts, 'open'>

/** Listens; rejects with the error of the system. */
export async function streamReception(
  { listen: { host, port }, ipv6Only }: Pick<ListenerPlan, 'listen' | 'ipv6Only'>,
  memory: DatagramMemory,
  limits: StreamLimits = LIMITS,
): Promise<StreamReception> {
  const server = createServer()
  server.listen({ host, port, ipv6Only })
  await once(server, 'listening')
  return new StreamReception(server, memory, limits)
}

export class StreamReception implements Reception {
  readonly facts: Reception['facts']
  readonly #server: Server
  readonly #memory: DatagramMemory
  readonly #place: Uint8Array
  readonly #limits: StreamLimits
  readonly #connections = new Map<number, Connection>()
  readonly #closed: Record<Why, number> = { unlisted: 0, overflow: 0, malformed: 0, idle: 0 }
  #turns: Turns | undefined
  #lookAt = 0

  constructor(server: Server, memory: DatagramMemory, limits: StreamLimits) {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    this.facts = { port, receiveBytes: 0, receiver: 'tcp' }
    this.#server = server
    this.#memory = memory
    this.#place = new Uint8Array(memory.bytes)
    this.#limits = limits
    server.on('connection', socket => this.#accept(socket))
    // Such as no descriptor for another connection: those there are go on.
    server.on('error', () => {})
  }

  statistics(): ReturnType<Reception['statistics']> {
    return { drops: 0, queuedBytes: 0, connections: { open: this.#connections.size, ...this.#closed } }
  }

  async run(turns: Turns): Promise<void> {
    this.#turns = turns
    while (!turns.isStopped()) {
      await sleep(WAIT_MS)
      turns.turn()
      this.#look(turns)
    }
  }

  close(): void {
    this.#server.close()
    for (const { socket } of this.#connections.values()) socket.destroy()
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    const { remoteAddress: address, remotePort: port = 0 } = socket
    const turns = this.#turns
    if (address === undefined || turns === undefined) {
      socket.destroy()
      return
    }
    const from = { address, port }
    setSender(this.#memory, from)
    const session = this.#freeSession()
    if (!turns.admits()) this.#refuse(socket, 'unlisted')
    else if (session === undefined) this.#refuse(socket, 'overflow')
    else this.#serve(turns, { socket, stream: new MessageStream(), session, from, messageAt: steadyMs() })
  }

  #serve(turns: Turns, connection: Connection): void {
    const { socket, session, from } = connection
    this.#connections.set(session, connection)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('data', piece => {
      if (typeof piece !== 'string') this.#push(turns, connection, piece)
    })
    socket.once('close', () => {
      this.#connections.delete(session)
      setSender(this.#memory, from)
      turns.endSession(session)
    })
  }

  #push(turns: Turns, connection: Connection, piece: Uint8Array): void {
    const { socket, stream, session, from } = connection
    let isListed = true
    turns.turn()
    const nowMs = Date.now()
    const isSound = stream.push(piece, (view, at, end) => {
      if (!isListed) return
      this.#place.set(new Uint8Array(view.buffer, view.byteOffset + at, end - at))
      setSender(this.#memory, from)
      connection.messageAt = steadyMs()
      isListed = turns.takeMessage(end - at, nowMs, session)
    })
    if (!isListed) this.#refuse(socket, 'unlisted')
    else if (!isSound) this.#refuse(socket, 'malformed')
  }

  /** Closes who is idle, and who is no longer listed: if he is listed again, his templates would be missing. */
  #look(turns: Turns): void {
    const now = steadyMs()
    if (now < this.#lookAt) return
    this.#lookAt = now + this.#limits.lookMs
    for (const { socket, from, messageAt } of this.#connections.values()) {
      if (socket.destroyed) continue
      setSender(this.#memory, from)
      if (!turns.admits()) this.#refuse(socket, 'unlisted')
      else if (now - messageAt > this.#limits.idleMs) this.#refuse(socket, 'idle')
    }
  }

  #refuse(socket: Socket, why: Why): void {
    this.#closed[why]++
    socket.destroy()
  }

  /** From 1 on: 0 stands for what comes without a connection. */
  #freeSession(): number | undefined {
    for (let session = 1; session <= this.#limits.connections; session++)
      if (!this.#connections.has(session)) return session
    return undefined
  }
}
