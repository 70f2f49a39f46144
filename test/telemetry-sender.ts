// Sends datagrams of flow export over loopback, as an exporter with an address of its own.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'

/** A UDP port of this machine that nobody uses now. Somebody else may take it before the caller does, but hardly. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

export class TelemetrySender {
  readonly #socket: Socket
  readonly #port: number

  private constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.#port = port
  }

  /** From an address of 127.0.0.0/8 to a port on 127.0.0.1. */
  static async open(t: TestContext, port: number, from = '127.0.0.1'): Promise<TelemetrySender> {
    const socket = createSocket('udp4').bind(0, from)
    await once(socket, 'listening')
    t.after(() => socket.close())
    return new TelemetrySender(socket, port)
  }

  /** Settles when the kernel has it. */
  send(bytes: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.send(Uint8Array.from(bytes), this.#port, '127.0.0.1', error =>
        error ? reject(error) : resolve(),
      ),
    )
  }
}
