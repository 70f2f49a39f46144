// prefixd's live feed: what becomes of mitigations, as it happens, to whoever opened a WebSocket at /v1/ws/feed.

import type { FastifyRequest } from 'fastify'
import { type Identity, isConfined } from '#api/contract/access.ts'
import type { Desks } from './mitigation-routes.ts'
import { present } from './mitigation-routes.ts'
import { LIVE, type Status, statusOf } from './record-facts.ts'
import { Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

/** What a WebSocket can do, of which the feed needs so much. */
export interface FeedSocket {
  send(text: string): void
  close(code: number, reason: string): void
  on(event: 'close' | 'error', heard: () => void): unknown
  readonly bufferedAmount: number
}

export const CLIENTS_MAX = 500
/** Who is behind by more is told nothing until he caught up, and then to ask for lists again. */
const BEHIND_BYTES_MAX = 1 << 20
/** Changes of one attack within this are one message. */
const GATHER_MS = 50
/** Attacks of which the last status is remembered; of more the oldest are forgotten, and told once more. */
const TOLD_MAX = 20_000
/** RFC 6455 section 7.4.1, and 1013 of the registry: try again later. */
const TRY_AGAIN = 1013

interface Client {
  readonly socket: FeedSocket
  readonly identity: Identity
  isBehind: boolean
}

const EVERYBODY: Identity = { kind: 'socket', name: '', id: '', role: 'viewer' }

export class Feed {
  readonly #desks: Desks
  readonly #clients = new Set<Client>()
  readonly #changed = new Set<string>()
  readonly #told = new Map<string, Status>()
  #stop: (() => void) | undefined
  /** Since when somebody listens; wall clock ms. What began before was told to nobody. */
  #since = 0
  #gathering: NodeJS.Timeout | undefined
  /** One after another: what is told of an attack is told in its order. */
  #telling: Promise<void> = Promise.resolve()

  constructor(desks: Desks) {
    this.#desks = desks
  }

  add(socket: FeedSocket, identity: Identity): void {
    if (this.#clients.size >= CLIENTS_MAX) {
      socket.close(TRY_AGAIN, 'too many listen')
      return
    }
    const client: Client = { socket, identity, isBehind: false }
    this.#clients.add(client)
    const gone = () => this.#remove(client)
    socket.on('close', gone)
    socket.on('error', gone)
    if (this.#stop === undefined) this.#since = this.#desks.desk.facts.now()
    this.#stop ??= this.#desks.desk.feed?.subscribe(attackId => this.#heard(attackId))
  }

  /** Nobody listens: nothing has to be looked up. */
  #remove(client: Client): void {
    this.#clients.delete(client)
    if (this.#clients.size > 0) return
    this.#stop?.()
    this.#stop = undefined
    this.#changed.clear()
    this.#told.clear()
  }

  #heard(attackId: string): void {
    this.#changed.add(attackId)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#telling = this.#telling.then(() => this.#tell())
    }, GATHER_MS).unref()
  }

  async #tell(): Promise<void> {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const attackId of changed) await this.#tellOne(attackId).catch(() => this.#resync())
  }

  async #tellOne(attackId: string): Promise<void> {
    if (this.#clients.size === 0) return
    const { desk } = this.#desks
    const record = await desk.mitigations.get(attackId, EVERYBODY)
    if (record === undefined || record.mitigations.length === 0) return
    const before = this.#told.get(attackId)
    const status = statusOf(record)
    const isLive = LIVE.includes(status)
    if (!isLive && before === status) return
    this.#remember(attackId, status)
    const isNew = before === undefined && record.attack.openedAt >= this.#since
    const told = present(this.#desks, record)
    const message = isLive
      ? { type: isNew ? 'mitigation_created' : 'mitigation_updated', mitigation: told }
      : { type: TYPES[status] ?? 'mitigation_updated', mitigation_id: told.mitigation_id }
    const text = JSON.stringify(message)
    for (const client of this.#clients) {
      const isTheirs =
        !isConfined(client.identity) || (await desk.mitigations.get(attackId, client.identity)) !== undefined
      if (isTheirs) send(client, text)
    }
  }

  #remember(attackId: string, status: Status): void {
    this.#told.delete(attackId)
    this.#told.set(attackId, status)
    const [oldest] = this.#told.keys()
    if (this.#told.size > TOLD_MAX && oldest !== undefined) this.#told.delete(oldest)
  }

  #resync(): void {
    for (const client of this.#clients) send(client, RESYNC)
  }
}

const TYPES: Readonly<Partial<Record<Status, string>>> = {
  expired: 'mitigation_expired',
  withdrawn: 'mitigation_withdrawn',
  rejected: 'mitigation_withdrawn',
}
const RESYNC = JSON.stringify({ type: 'resync_required' })

function send(client: Client, text: string): void {
  if (client.socket.bufferedAmount > BEHIND_BYTES_MAX) {
    client.isBehind = true
    return
  }
  if (client.isBehind) {
    client.isBehind = false
    client.socket.send(RESYNC)
  }
  client.socket.send(text)
}

export function feedRoute(desks: Desks): DialectRoute {
  const feed = new Feed(desks)
  return {
    ...{ method: 'GET', path: '/v1/ws/feed', role: 'viewer', reach: 'customers', success: 101 },
    summary: 'A WebSocket that tells what becomes of mitigations.',
    handle: async () => {
      throw new Refusal(426, 'this is a WebSocket')
    },
    socket: (socket: FeedSocket, { identity }: FastifyRequest) => feed.add(socket, identity),
  }
}
