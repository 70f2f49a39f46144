// Sends rules to where they belong, and takes them back: a DDPS API, or Floodwarden's own.

import { z } from 'zod'
import { type Client, clientAt } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { DdpsClient } from '#compat/ddps/client.ts'
import { type DdpsRule, ddpsRuleSchema } from '#compat/ddps/rule.ts'
import type { Door } from '#lib/door.ts'
import { clientSocket } from '#lib/state-directory.ts'
import { ddpsServerAt } from '../ddps-server.ts'
import { authorityIn, type Found, secretIn, serverUrl } from '../outside-server.ts'
import type { DecodeSettings, NativeTarget } from './settings.ts'

/** A rule as Floodwarden's own API takes it. */
export const nativeRuleSchema = z.strictObject({
  rule: z.string(),
  /** Present: the rule is shown and not announced. */
  action: z.literal('monitor').optional(),
  ttlSeconds: z.int().positive(),
  reason: z.string(),
})
export type NativeRule = z.infer<typeof nativeRuleSchema>

/** `ids`: of rules that were made, where they have some. `left`: what a later call has to send, as text for the queue. */
export type Delivery =
  | { readonly kind: 'done'; readonly ids: readonly string[] }
  /** `made`: of the rules before the one that was refused. */
  | {
      readonly kind: 'refused'
      readonly problem: string
      readonly made: number
      readonly ids: readonly string[]
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly left: string }

export type Withdrawal =
  /** How many: none when they were over already. */
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused' | 'failed'; readonly problem: string }

export interface Courier {
  deliver(text: string): Promise<Delivery>
  /** Takes back rules that were delivered. */
  withdraw(text: string, ids: readonly string[]): Promise<Withdrawal>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Or why there is none. No problem holds a secret. */
export function courierTo(
  { to, requestSeconds }: Pick<DecodeSettings, 'to' | 'requestSeconds'>,
  environment: Environment,
): Courier | { readonly problem: string } {
  const timeoutMs = requestSeconds * 1000
  if (to.kind === 'ddps') {
    const { url, credentialsFile, caFile } = to
    const found = ddpsServerAt({
      ...{ url, credentialsFile, timeoutMs },
      ...(caFile === undefined ? {} : { caFile }),
    })
    return found.kind === 'refused' ? found : new DdpsCourier(new DdpsClient(found.value))
  }
  const door = nativeDoor(to, environment)
  return door.kind === 'refused' ? door : new NativeCourier(clientAt(door.value, timeoutMs))
}

/** The daemon of this machine by its socket, or another one by URL and token. */
function nativeDoor({ url, tokenFile, caFile }: NativeTarget, environment: Environment): Found<Door> {
  if (url === undefined) {
    const path = clientSocket({ flag: undefined, environment, uid: process.getuid?.() })
    return { kind: 'found', value: { kind: 'socket', path } }
  }
  const place = serverUrl(url)
  if (place.kind === 'refused') return place
  const token = tokenFile === undefined ? undefined : secretIn(tokenFile, 'the token')
  if (token?.kind === 'refused') return token
  const authority = authorityIn(caFile)
  if (authority.kind === 'refused') return authority
  const word = token?.value.trim()
  if (word !== undefined && !/^[\x21-\x7e]{1,512}$/.test(word))
    return { kind: 'refused', problem: `${tokenFile} holds no token: expected one line without spaces` }
  const credential = word === undefined ? {} : { token: word }
  return { kind: 'found', value: { kind: 'url', url: place.value, ...credential, ...authority.value } }
}

class DdpsCourier implements Courier {
  readonly #client: DdpsClient

  constructor(client: DdpsClient) {
    this.#client = client
  }

  async deliver(text: string): Promise<Delivery> {
    const rules = ddpsRulesOf(text)
    for (const [at, rule] of rules.entries()) {
      const answer = await this.#client.add(rule)
      if (answer.kind === 'refused')
        return { kind: 'refused', problem: `${answer.text} (status ${answer.status})`, made: at, ids: [] }
      if (answer.kind === 'failed')
        return { kind: 'failed', problem: answer.error, left: ddpsText(rules.slice(at)) }
    }
    return { kind: 'done', ids: [] }
  }

  async withdraw(text: string): Promise<Withdrawal> {
    const answer = await this.#client.withdraw(ddpsRulesOf(text))
    if (answer.kind === 'done') return answer
    return { kind: answer.kind, problem: answer.kind === 'refused' ? answer.text : answer.error }
  }
}

const ddpsRulesOf = (text: string): readonly DdpsRule[] => {
  const value: unknown = JSON.parse(text)
  return z.array(ddpsRuleSchema).parse(Array.isArray(value) ? value : [value])
}

/** One rule as an object, as DDPS's own client has it in its file. */
export const ddpsText = (rules: readonly DdpsRule[]): string =>
  `${JSON.stringify(rules.length === 1 ? rules[0] : rules, null, 2)}\n`

class NativeCourier implements Courier {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async deliver(text: string): Promise<Delivery> {
    const rules = z.array(nativeRuleSchema).parse(JSON.parse(text))
    const ids: string[] = []
    for (const [at, rule] of rules.entries()) {
      const reply = await this.#client.call(ROUTES.addRule, { ...rule, ifExists: 'extend' })
      if (reply.kind === 'ok') {
        ids.push(reply.value.rule.id)
        continue
      }
      const problem = failureText(reply.failure)
      const isFinal = reply.failure.kind === 'refused' && reply.failure.problem.status < 500
      // Those before it are sent again, which only has them last as long, so that all ids are known then.
      return isFinal ? { kind: 'refused', problem, made: at, ids } : { kind: 'failed', problem, left: text }
    }
    return { kind: 'done', ids }
  }

  async withdraw(_text: string, ids: readonly string[]): Promise<Withdrawal> {
    let withdrawn = 0
    for (const id of ids) {
      const reply = await this.#client.call(ROUTES.withdrawRule, {
        id,
        reason: 'FastNetMon: the attack is over',
      })
      if (reply.kind === 'failed') return { kind: 'failed', problem: failureText(reply.failure) }
      if (reply.value.outcome === 'withdrawn') withdrawn++
    }
    return { kind: 'done', text: `${withdrawn} withdrawn` }
  }
}

export const nativeText = (rules: readonly NativeRule[]): string => `${JSON.stringify(rules, null, 2)}\n`
