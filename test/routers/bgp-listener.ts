// The other end of a BGP session, as far as it takes to hear what a speaker says: it answers OPEN and KEEPALIVE
// (RFC 4271) and keeps the FlowSpec rules of UPDATE messages as they came.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { attributesOf, BgpTable } from './bgp-table.ts'

const HEADER = 19
const [OPEN, UPDATE, NOTIFICATION, KEEPALIVE] = [1, 2, 3, 4] as const
const [REACH, COMMUNITIES] = [14, 16] as const
const FLOWSPEC = 133

/** A rule as it stood in an UPDATE: its NLRI, and its extended communities of eight octets each. */
export interface Heard {
  readonly family: 4 | 6
  readonly nlri: Uint8Array
  readonly communities: readonly Uint8Array[]
}

export class BgpListener {
  readonly heard: Heard[] = []
  /** All that is announced now. */
  readonly table = new BgpTable()
  readonly port: number
  /** Why the speaker ended the session: code and subcode. */
  notification: string | undefined
  readonly #server: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', socket => this.#serve(socket))
  }

  static async listen(): Promise<BgpListener> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
    return new BgpListener(server, address.port)
  }

  /** Waits until so many rules were heard; false when they do not come. */
  async until(count: number, milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds
    while (this.heard.length < count && performance.now() < end) await delay(20)
    return this.heard.length >= count
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    // A speaker that is ended resets the connection.
    socket.on('error', () => {})
    let waiting: Buffer = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes])
      while (waiting.length >= HEADER && waiting.length >= waiting.readUInt16BE(16)) {
        const length = waiting.readUInt16BE(16)
        this.#take(waiting.subarray(0, length), socket)
        waiting = waiting.subarray(length)
      }
    })
  }

  #take(message: Buffer, socket: Socket): void {
    const type = message[18]
    const body = message.subarray(HEADER)
    if (type === OPEN) {
      // As it is: the same capabilities, but for the router identifier, which must differ.
      const own = Buffer.from(message)
      own.writeUInt32BE(0xc0000263, HEADER + 5)
      socket.write(own)
    }
    if (type === OPEN || type === KEEPALIVE) socket.write(keepalive())
    if (type === NOTIFICATION) this.notification = `${body[0]}/${body[1]}`
    if (type === UPDATE) this.#update(body)
  }

  #update(body: Buffer): void {
    this.table.update(body)
    const from = 4 + body.readUInt16BE(0)
    const attributes = attributesOf(body.subarray(from))
    const reach = attributes.get(REACH)
    if (reach === undefined || reach[2] !== FLOWSPEC) return
    const communities = attributes.get(COMMUNITIES) ?? Buffer.alloc(0)
    this.heard.push({
      family: reach.readUInt16BE(0) === 1 ? 4 : 6,
      // Family, subsequent family, a next hop without octets, a reserved octet.
      nlri: reach.subarray(5 + (reach[3] ?? 0)),
      communities: Array.from({ length: communities.length / 8 }, (_, at) =>
        communities.subarray(at * 8, at * 8 + 8),
      ),
    })
  }
}

function keepalive(): Buffer {
  const message = Buffer.alloc(HEADER, 0xff)
  message.writeUInt16BE(HEADER, 16)
  message[18] = KEEPALIVE
  return message
}
