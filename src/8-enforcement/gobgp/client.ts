// What is asked of gobgpd: announce, withdraw, which of these prefixes are there, and whether it runs BGP at all.

import { join } from 'node:path'
import { z } from 'zod'
import type { Route } from '#6-policy/action.ts'
import type { RouteChange } from '#7-mitigation/desired-routes.ts'
import { GrpcClient, type Reply } from '#lib/grpc/grpc-client.ts'
import { loadService, methodOf } from '#lib/grpc/proto-file.ts'
import type { Sent } from '../bgp/route-keeper.ts'
import { FAMILIES, familyOf, pathOf, routeOf } from './encode.ts'

const MESSAGE_BYTES_MAX = 4 << 20
/** Prefixes that are asked about in one request. */
const LOOK_UP_MAX = 1000

/** Requests that are under way at the same time. */
const SINGLY_MAX = 64

const bgpSchema = z.looseObject({ global: z.looseObject({ asn: z.number() }).nullish() })

export class GobgpClient {
  readonly #grpc: GrpcClient
  readonly #methods = methods()

  constructor(address: string, deadlineMs: number) {
    // One exact look-up has one answer, or one for each path there.
    const streamMax = LOOK_UP_MAX * 2
    this.#grpc = new GrpcClient({ address, deadlineMs, messageBytesMax: MESSAGE_BYTES_MAX, streamMax })
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
  async send(changes: readonly RouteChange[]): Promise<readonly Sent[]> {
    if (changes.length > 1) {
      const reply = await this.#sendTogether(changes)
      if (reply.kind === 'ok') return changes.map(() => SENT)
      if (reply.kind === 'unreachable') return changes.map(() => downOf(reply.error))
    }
    const answers: Sent[] = []
    for (let at = 0; at < changes.length; at += SINGLY_MAX) {
      const some = changes.slice(at, at + SINGLY_MAX)
      answers.push(...(await Promise.all(some.map(change => this.#sendOne(change)))))
    }
    return answers
  }

  #sendTogether(changes: readonly RouteChange[]): Promise<Reply<object>> {
    const paths = changes.map(({ kind, route }) => ({ ...pathOf(route), is_withdraw: kind === 'withdraw' }))
    return this.#grpc.callStream(this.#methods.addPathStream, { paths })
  }

  /** Of these prefixes the routes that are there and were put there through the API, or why it cannot be said. */
  async held(prefixes: readonly string[]): Promise<Reply<ReadonlyMap<string, Route>>> {
    const held = new Map<string, Route>()
    for (const family of [4, 6] as const) {
      const asked = prefixes.filter(prefix => familyOf(prefix) === family)
      for (let at = 0; at < asked.length; at += LOOK_UP_MAX) {
        const reply = await this.#heldOf(family, asked.slice(at, at + LOOK_UP_MAX))
        if (reply.kind !== 'ok') return reply
        for (const route of reply.value) held.set(route.prefix, route)
      }
    }
    return { kind: 'ok', value: held }
  }

  /** Its own AS; 0 while it runs no BGP because nobody has configured it. */
  async asNumber(): Promise<Reply<number>> {
    const reply = await this.#grpc.call(this.#methods.getBgp, {})
    if (reply.kind !== 'ok') return reply
    return { kind: 'ok', value: bgpSchema.safeParse(reply.value).data?.global?.asn ?? 0 }
  }

  async #sendOne({ kind, route }: RouteChange): Promise<Sent> {
    const path = pathOf(route)
    const reply =
      kind === 'announce'
        ? await this.#grpc.call(this.#methods.addPath, { path })
        : await this.#grpc.call(this.#methods.deletePath, {
            family: FAMILIES[familyOf(route.prefix)],
            path: { ...path, is_withdraw: true },
          })
    switch (reply.kind) {
      case 'ok':
        return SENT
      case 'unreachable':
        return downOf(reply.error)
      case 'refused':
        return { kind: 'refused', error: `gobgpd refuses ${kind} ${route.prefix}: ${reply.error}` }
    }
  }

  async #heldOf(family: 4 | 6, prefixes: readonly string[]): Promise<Reply<readonly Route[]>> {
    const request = { family: FAMILIES[family], prefixes: prefixes.map(prefix => ({ prefix })) }
    const reply = await this.#grpc.list(this.#methods.listPath, request)
    if (reply.kind !== 'ok') return reply
    return { kind: 'ok', value: reply.value.map(routeOf).filter(route => route !== undefined) }
  }
}

const SENT: Sent = { kind: 'sent' }
const downOf = (error: string): Sent => ({ kind: 'down', error, forgets: true })

function methods() {
  const service = loadService(join(import.meta.dirname, 'gobgp.proto'), 'apipb.GobgpApi')
  return {
    getBgp: methodOf(service, 'GetBgp'),
    addPath: methodOf(service, 'AddPath'),
    addPathStream: methodOf(service, 'AddPathStream'),
    deletePath: methodOf(service, 'DeletePath'),
    listPath: methodOf(service, 'ListPath'),
  }
}
