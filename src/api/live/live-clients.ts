// Clients of the live feed: each hears what it asked for and may see. One that is too slow is never buffered for without
// bound: messages are skipped until it has caught up, then it is told to ask for lists again; if it does not, it is dropped.

import type { WebSocket } from 'ws'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { AccessRefusal, type Identity, isConfined } from '../contract/access.ts'
import type { LiveMessage, Topic } from '../contract/live.ts'
import type { LiveFeed, LiveNews } from './live-feed.ts'

export interface LiveDoor {
  readonly feed: LiveFeed
  /** Whether somebody may hear of all of these. */
  sees(identity: Identity, targets: readonly string[]): boolean
}

export interface LiveBounds {
  readonly clientsMax: number
  /** Bytes that wait for one client; with more, messages are skipped. */
  readonly waitingBytesMax: number
  /** A client has so long to catch up. */
  readonly catchUpMs: number
  readonly heartbeatMs: number
}

const BOUNDS: LiveBounds = {
  ...{ clientsMax: 1000, waitingBytesMax: 256 * 1024, catchUpMs: 10_000, heartbeatMs: 30_000 },
}

/** What a WebSocket is closed with (RFC 6455 section 7.4.1, and the registry it set up). */
const CODES = { policy: 1008, tryLater: 1013 } as const

const WHY = ['slow', 'silent', 'full', 'refused'] as const

interface Client {
  readonly socket: WebSocket
  readonly topics: ReadonlySet<Topic>
  /** Who it is now; rejects when it may not be there any more. */
  readonly admit: () => Promise<Identity>
  identity: Identity
  /** Since when messages are skipped; missing: it keeps up. */
  slowSince: number | undefined
  isAlive: boolean
}

const RESYNC: LiveMessage = { kind: 'resync', reason: 'messages were skipped: you were too slow' }

export class LiveClients {
  readonly #door: LiveDoor
  readonly #bounds: LiveBounds
  readonly #now: () => number
  readonly #clients = new Set<Client>()
  #unsubscribe: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #lastHeartbeat = 0
  #counts = { sent: 0, skipped: 0 }
  readonly #ended: Record<(typeof WHY)[number], number> = { slow: 0, silent: 0, full: 0, refused: 0 }

  constructor(door: LiveDoor, bounds: Partial<LiveBounds> = {}, now = () => performance.now()) {
    this.#door = door
    this.#bounds = { ...BOUNDS, ...bounds }
    this.#now = now
  }

  add(socket: WebSocket, { topics, identity, admit }: Pick<Client, 'topics' | 'identity' | 'admit'>): void {
    if (this.#clients.size >= this.#bounds.clientsMax) {
      this.#ended.full++
      socket.close(CODES.tryLater, 'as many hear already as can')
      return
    }
    const client: Client = { socket, topics, identity, admit, slowSince: undefined, isAlive: true }
    this.#clients.add(client)
    socket.on('pong', () => {
      client.isAlive = true
    })
    socket.on('close', () => this.#forget(client))
    socket.on('error', () => socket.terminate())
    this.#listen()
  }

  /** Nothing is made for a feed that nobody hears. */
  #listen(): void {
    if (this.#unsubscribe !== undefined) return
    this.#unsubscribe = this.#door.feed.subscribe(news => this.#tell(news))
    this.#lastHeartbeat = this.#now()
    this.#timer = setInterval(() => this.look(), LOOK_MS)
  }

  #forget(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    clearInterval(this.#timer)
  }

  #tell(news: LiveNews): void {
    let bytes: Buffer | undefined
    for (const client of this.#clients) {
      if (news.kind !== 'resync' && !client.topics.has(news.topic)) continue
      if (!this.#mayHear(client, news)) continue
      if (client.slowSince !== undefined || client.socket.bufferedAmount > this.#bounds.waitingBytesMax) {
        client.slowSince ??= this.#now()
        this.#counts.skipped++
        continue
      }
      bytes ??= Buffer.from(news.text())
      this.#send(client, bytes)
    }
  }

  #mayHear({ identity }: Client, { kind, targets }: LiveNews): boolean {
    if (!isConfined(identity) || kind === 'resync') return true
    return targets.length > 0 && this.#door.sees(identity, targets)
  }

  #send({ socket }: Client, bytes: Buffer): void {
    this.#counts.sent++
    socket.send(bytes, AS_TEXT)
  }

  /** Looks after those that were slow, and whether all are still there; called by itself. */
  look(): void {
    const now = this.#now()
    for (const client of this.#clients) this.#catchUp(client, now)
    if (now - this.#lastHeartbeat < this.#bounds.heartbeatMs) return
    this.#lastHeartbeat = now
    for (const client of this.#clients) this.#beat(client)
  }

  #catchUp(client: Client, now: number): void {
    if (client.slowSince === undefined) return
    if (client.socket.bufferedAmount === 0) {
      client.slowSince = undefined
      this.#send(client, RESYNC_BYTES)
    } else if (now - client.slowSince >= this.#bounds.catchUpMs) this.#end(client, 'slow')
  }

  /** Who does not answer is gone; who may not be there any more goes. */
  #beat(client: Client): void {
    if (!client.isAlive) {
      this.#end(client, 'silent')
      return
    }
    client.isAlive = false
    client.socket.ping()
    client.admit().then(
      identity => {
        client.identity = identity
      },
      error => {
        // Whoever asks too much elsewhere may still hear.
        const isBusy = error instanceof AccessRefusal && error.reason === 'rate-limited'
        if (isBusy || !this.#clients.has(client)) return
        this.#ended.refused++
        this.#forget(client)
        client.socket.close(CODES.policy, 'you may not hear this any more')
      },
    )
  }

  #end(client: Client, why: 'slow' | 'silent'): void {
    this.#ended[why]++
    this.#forget(client)
    client.socket.terminate()
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_live_clients', value: this.#clients.size },
    ...(['sent', 'skipped'] as const).map(fate => ({
      ...{ name: 'floodwarden_live_messages_total', value: this.#counts[fate], labels: { fate } },
    })),
    ...WHY.map(why => ({
      ...{ name: 'floodwarden_live_clients_ended_total', value: this.#ended[why], labels: { why } },
    })),
  ]
}

const LOOK_MS = 500
const AS_TEXT = { binary: false } as const
const RESYNC_BYTES = Buffer.from(JSON.stringify(RESYNC))
