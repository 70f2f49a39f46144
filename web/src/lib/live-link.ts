// The live feed over a WebSocket: kept open, opened again when it is lost, and stale when nothing is heard.

import type { LiveMessage } from '#api/contract/live.ts'

/** `live`: what is heard is of now. `stale`: open or not, nothing was heard for too long. */
export type LinkState = 'connecting' | 'live' | 'stale'

/** Of a WebSocket, what is used of it. */
export interface Socket {
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  close(): void
}

export interface LinkOptions {
  open(): Socket
  /** Ms, never going back. */
  now(): number
  /** Whether something comes each second; of customers nothing may come for hours. */
  isSteady(): boolean
  changed(state: LinkState): void
  heard(message: LiveMessage): void
  /** It was open, was lost and is open again, or the daemon says that something was skipped: ask for lists again. */
  missed(): void
  /** The daemon no longer lets in whoever asks. */
  refused(): void
}

const STALE_MS = 5000
const GIVE_UP_MS = 15_000
const FIRST_RETRY_MS = 500
const RETRY_MAX_MS = 10_000
/** RFC 6455 section 7.4.1. */
const POLICY = 1008

export class LiveLink {
  readonly #options: LinkOptions
  #socket: Socket | undefined
  #isOpen = false
  #wasOpen = false
  #lastAt: number
  /** When the socket there is was asked for: it is given up for its own silence, not for that of the one before. */
  #askedAt: number
  #retryAt: number
  #retryMs = FIRST_RETRY_MS
  #state: LinkState = 'connecting'

  constructor(options: LinkOptions) {
    this.#options = options
    this.#lastAt = options.now()
    this.#askedAt = this.#lastAt
    this.#retryAt = this.#lastAt
  }

  /** Call once a second, and whenever the network may be back (`isUrgent`). */
  look(isUrgent = false): void {
    const now = this.#options.now()
    const silentMs = now - this.#lastAt
    const { isSteady } = this.#options
    if (this.#socket === undefined && (isUrgent || now >= this.#retryAt)) this.#open()
    else if (this.#socket !== undefined && (isSteady() || !this.#isOpen)) {
      if (now - Math.max(this.#lastAt, this.#askedAt) >= GIVE_UP_MS) this.#lost()
    }
    if (silentMs >= STALE_MS && (isSteady() || !this.#isOpen)) this.#become('stale')
  }

  stop(): void {
    this.#drop()
  }

  #open(): void {
    const socket = this.#options.open()
    this.#socket = socket
    this.#askedAt = this.#options.now()
    socket.onopen = () => {
      this.#isOpen = true
      this.#lastAt = this.#options.now()
      this.#retryMs = FIRST_RETRY_MS
      if (!this.#options.isSteady()) this.#become('live')
      if (this.#wasOpen) this.#options.missed()
      this.#wasOpen = true
    }
    socket.onmessage = ({ data }) => this.#take(data)
    socket.onclose = ({ code }) => {
      if (code === POLICY) this.#options.refused()
      this.#lost()
    }
  }

  #take(data: unknown): void {
    if (typeof data !== 'string') return
    const message = JSON.parse(data) as LiveMessage
    this.#lastAt = this.#options.now()
    this.#become('live')
    if (message.kind === 'resync') this.#options.missed()
    else this.#options.heard(message)
  }

  #lost(): void {
    this.#drop()
    // Not all at once, when a daemon that many looked at comes back.
    this.#retryAt = this.#options.now() + this.#retryMs * (0.5 + Math.random() / 2)
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
    this.#become('stale')
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#isOpen = false
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #become(state: LinkState): void {
    if (state === this.#state) return
    this.#state = state
    this.#options.changed(state)
  }
}
