// What is asked of gobgpd: to announce, to withdraw, what it holds, with whom it has sessions, and whether it runs BGP.

import { join } from 'node:path'
import { z } from 'zod'
import type { Change } from '#7-mitigation/announcement.ts'
import { chunksOf } from '#lib/chunks.ts'
import { GrpcClient, type Reply } from '#lib/grpc/grpc-client.ts'
import { loadService, methodOf } from '#lib/grpc/proto-file.ts'
import type { Sent } from '../bgp/announcement-keeper.ts'
import { type EncodeOptions, pathOf, withdrawalOf } from './encode.ts'
import { type HeldPath, heldOf, type ToldBefore } from './listed.ts'
import { FAMILIES, type Family, FLOWSPEC } from './wire.ts'

const MESSAGE_BYTES_MAX = 4 << 20
/** Prefixes that are asked about in one request. */
const LOOK_UP_MAX = 1000
/** Answers of one stream: those about peers, and about prefixes that were named (one each, or one for each path there). */
const STREAM_MAX = LOOK_UP_MAX * 2
/** Requests that are under way at the same time. */
const SINGLY_MAX = 64

const bgpSchema = z.looseObject({ global: z.looseObject({ asn: z.number() }).nullish() })
const tableSchema = z.looseObject({ num_destination: z.number().default(0) })

export interface ClientOptions extends EncodeOptions {
  readonly address: string
  readonly deadlineMs: number
  readonly listDeadlineMs: number
}

export class GobgpClient {
  readonly #grpc: GrpcClient
  readonly #options: ClientOptions
  readonly #methods = methods()

  constructor(options: ClientOptions) {
    this.#options = options
    const { address, deadlineMs } = options
    const bounds = { messageBytesMax: MESSAGE_BYTES_MAX, streamMax: STREAM_MAX }
    this.#grpc = new GrpcClient({ address, deadlineMs, ...bounds })
  }

  watch(tell: (isConnected: boolean) => void): void {
    this.#grpc.watch(tell)
  }

  close(): void {
    this.#grpc.close()
  }

  /**
   * One answer for each change. Many go in one message, which gobgpd takes or refuses as a whole; then each is asked for
   * by itself, so that one that is refused costs no other.
   */
  async send(changes: readonly Change[]): Promise<readonly Sent[]> {
    if (changes.length > 1) {
      const reply = await this.#sendTogether(changes)
      if (reply.kind === 'ok') return changes.map(() => SENT)
      if (reply.kind === 'unreachable') return changes.map(() => downOf(reply.error))
    }
    const answers: Sent[] = []
    for (const some of chunksOf(changes, SINGLY_MAX))
      answers.push(...(await Promise.all(some.map(change => this.#sendOne(change)))))
    return answers
  }

  /**
   * All that programs put into one family, or why it cannot be said: a listing that is cut, late or too long is none.
   * `most`: destinations, those of neighbours too.
   */
  listed(family: Family, most: number, told?: ToldBefore): Promise<Reply<readonly HeldPath[]>> {
    const bounds = { deadlineMs: this.#options.listDeadlineMs, streamMax: most }
    return this.#grpc.collect(this.#methods.listPath, { family }, this.#reader(family, told), bounds)
  }

  /** Of these unicast prefixes of one family what programs put there, or why it cannot be said. */
  async lookedUp(family: Family, prefixes: readonly string[]): Promise<Reply<readonly HeldPath[]>> {
    const held: HeldPath[] = []
    for (const some of chunksOf(prefixes, LOOK_UP_MAX)) {
      const asked = some.map(prefix => ({ prefix }))
      const request = { family, prefixes: asked }
      const reply = await this.#grpc.collect(this.#methods.listPath, request, this.#reader(family))
      if (reply.kind !== 'ok') return reply
      held.push(...reply.value)
    }
    return { kind: 'ok', value: held }
  }

  /** Destinations of a family, those of neighbours too. */
  async sizeOf(family: Family): Promise<Reply<number>> {
    const reply = await this.#grpc.call(this.#methods.getTable, { family })
    if (reply.kind !== 'ok') return reply
    return { kind: 'ok', value: tableSchema.safeParse(reply.value).data?.num_destination ?? 0 }
  }

  /** Its own AS; 0 while it runs no BGP because nobody has configured it. */
  async asNumber(): Promise<Reply<number>> {
    const reply = await this.#grpc.call(this.#methods.getBgp, {})
    if (reply.kind !== 'ok') return reply
    return { kind: 'ok', value: bgpSchema.safeParse(reply.value).data?.global?.asn ?? 0 }
  }

  /** All its neighbours, as answers of ListPeer. */
  peers(): Promise<Reply<readonly object[]>> {
    return this.#grpc.list(this.#methods.listPeer, {})
  }

  /** Tells each change of a session until the stream ends, as answers of WatchEvent. Gives what ends it. */
  followPeers(hear: (event: object) => void, ended: (error: string) => void): () => void {
    return this.#grpc.follow(this.#methods.watchEvent, { peer: {} }, hear, ended)
  }

  #sendTogether(changes: readonly Change[]): Promise<Reply<object>> {
    const paths = changes.map(change => this.#pathFor(change))
    return this.#grpc.callStream(this.#methods.addPathStream, { paths })
  }

  async #sendOne(change: Change): Promise<Sent> {
    const { kind, announcement } = change
    const path = this.#pathFor(change)
    const method = kind === 'announce' ? this.#methods.addPath : this.#methods.deletePath
    const reply = await this.#grpc.call(method, { path, family: familyOf(change) })
    switch (reply.kind) {
      case 'ok':
        return SENT
      case 'unreachable':
        return downOf(reply.error)
      case 'refused':
        return { kind: 'refused', error: `gobgpd refuses ${kind} ${announcement.key}: ${reply.error}` }
    }
  }

  #pathFor({ kind, announcement }: Change): object {
    return kind === 'announce' ? pathOf(announcement, this.#options) : withdrawalOf(announcement)
  }

  #reader(family: Family, told?: ToldBefore): (answer: object) => HeldPath | undefined {
    return answer => heldOf(answer, family, this.#options.mark, told)
  }
}

const SENT: Sent = { kind: 'sent' }
const downOf = (error: string): Sent => ({ kind: 'down', error, forgets: true })

/** DeletePath wants it beside the path; AddPath has no such field, and it is left out. */
function familyOf({ announcement }: Change): Family | undefined {
  const isV6 = announcement.kind === 'flow' ? announcement.rule.family === 6 : announcement.key.includes(':')
  return FAMILIES.find(
    ({ afi, safi }) => (afi === 2) === isV6 && (safi === FLOWSPEC) === (announcement.kind === 'flow'),
  )
}

function methods() {
  const service = loadService(join(import.meta.dirname, 'gobgp.proto'), 'apipb.GobgpApi')
  return {
    getBgp: methodOf(service, 'GetBgp'),
    getTable: methodOf(service, 'GetTable'),
    addPath: methodOf(service, 'AddPath'),
    addPathStream: methodOf(service, 'AddPathStream'),
    deletePath: methodOf(service, 'DeletePath'),
    listPath: methodOf(service, 'ListPath'),
    listPeer: methodOf(service, 'ListPeer'),
    watchEvent: methodOf(service, 'WatchEvent'),
  }
}
