// Tells systemd how the service is (sd_notify(3)): datagrams to the socket named by NOTIFY_SOCKET.

import { close, sendto, socket } from './libc.ts'
import { AF_UNIX, encodeUnixAddress } from './unix-address.ts'

const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0x80000
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000

/** The variables systemd sets for a service with Type=notify and WatchdogSec. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined
  readonly WATCHDOG_USEC?: string | undefined
  readonly WATCHDOG_PID?: string | undefined
}

/** The line to the supervisor. Without one every message is a no-op; a message that cannot be delivered is lost, never an error. */
export class ServiceNotifier {
  /** Within so many milliseconds `alive` must be called again and again, or the supervisor restarts us; `undefined`: nobody watches. */
  readonly watchdogMilliseconds: number | undefined
  readonly #address: Uint8Array | undefined
  #fd = -1

  constructor(environment: NotifyEnvironment, processId: number = process.pid) {
    this.watchdogMilliseconds = watchdogOf(environment, processId)
    this.#address = encodeUnixAddress(environment.NOTIFY_SOCKET ?? '')
    if (this.#address !== undefined) this.#fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  }

  /** Start-up is done. */
  ready(): boolean {
    return this.#send('READY=1')
  }

  /** The main loop still runs. Call it at half of `watchdogMilliseconds`. */
  alive(): boolean {
    return this.#send('WATCHDOG=1')
  }

  /** The end has begun. */
  stopping(): boolean {
    return this.#send('STOPPING=1')
  }

  /** One line for `systemctl status`. */
  status(text: string): boolean {
    return this.#send(`STATUS=${text.replaceAll('\n', ' ')}`)
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd)
    this.#fd = -1
  }

  /** Whether the message left. */
  #send(message: string): boolean {
    if (this.#fd < 0 || this.#address === undefined) return false
    const bytes = Buffer.from(message)
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL
    return sendto(this.#fd, bytes, bytes.length, flags, this.#address, this.#address.length) === bytes.length
  }
}

/** The watchdog's interval, if there is one and it is meant for this process (a child inherits the variables). */
function watchdogOf(environment: NotifyEnvironment, processId: number): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment
  if (microseconds === undefined || !/^[1-9]\d*$/.test(microseconds)) return undefined
  if (watched !== undefined && watched !== String(processId)) return undefined
  return Number(microseconds) / 1000
}
