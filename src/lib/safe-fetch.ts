// Requests to addresses that people configure (webhooks): they reach the Internet, and of our own network only what is allowed.
//
// A name is resolved once, all of its addresses are judged, and the connection goes to those that were judged: a name that
// answers differently the next time gains nothing. No redirect is followed. No error holds more of an address than its
// host, because the rest is often the secret. No connection is kept, no proxy of the environment is used.

import { lookup as lookUp } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { request as requestHttp } from './http.ts'
import { bitsOf, parseAddress } from './ip/address.ts'
import { isInside } from './ip/inside.ts'
import { type Prefix, parsePrefix } from './ip/prefix.ts'
import { PrefixSet } from './ip/prefix-set.ts'

export interface Allowance {
  /** May have any address; lower case. */
  readonly hosts: ReadonlySet<string>
  /** Whose addresses may be reached although they are inside. */
  readonly prefixes: PrefixSet
  /** Whether what is allowed here may be reached by http://. */
  readonly plainHttp: boolean
}

export const NOTHING_ALLOWED: Allowance = { hosts: new Set(), prefixes: new PrefixSet(), plainHttp: false }

export interface SafeRequest {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface FetchRules {
  readonly allowance: Allowance
  /** From the first look-up to the last byte. */
  readonly timeoutMs: number
  /** Of the answer; the rest is not read. */
  readonly answerBytesMax: number
  /** Addresses of a name; that of the system unless a test has another. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** PEM; the authorities of the system unless there is one. */
  readonly ca?: string
}

export type Fetched =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly body: string
      readonly retryAfterSeconds?: number
    }
  /** Our rules forbid it, and always will. */
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

/** Names and prefixes, as they are written in the configuration. What has a slash or is an address is a prefix. */
export function allowanceOf(entries: readonly string[], plainHttp: boolean): Allowance {
  const prefixes = entries.map(parsePrefix)
  return {
    hosts: new Set(entries.filter((_, at) => prefixes[at] === undefined).map(plainHost)),
    prefixes: new PrefixSet(prefixes.filter((prefix): prefix is Prefix => prefix !== undefined)),
    plainHttp,
  }
}

/** Never rejects. */
export async function safeFetch(wanted: SafeRequest, rules: FetchRules): Promise<Fetched> {
  const judged = judgeUrl(wanted.url, rules.allowance)
  if (judged.kind === 'refused') return judged
  const signal = AbortSignal.timeout(rules.timeoutMs)
  try {
    const found = await addressesOf(judged, rules, signal)
    if (found.kind === 'refused') return found
    return await exchange(wanted, judged, found.addresses, rules, signal)
  } catch (error) {
    const late = signal.aborted ? `no answer within ${rules.timeoutMs / 1000} s` : wordOf(error)
    return { kind: 'failed', error: `${judged.host}: ${late}` }
  }
}

interface Judged {
  readonly kind: 'fine'
  readonly url: URL
  /** Without brackets and the last dot. */
  readonly host: string
  readonly isHttps: boolean
}

interface Refused {
  readonly kind: 'refused'
  readonly error: string
}

const refused = (error: string): Refused => ({ kind: 'refused', error })

/** What can be said of an address without looking anything up. Also for whoever saves one. */
export function judgeUrl(text: string, { hosts, prefixes, plainHttp }: Allowance): Judged | Refused {
  if (!URL.canParse(text)) return refused('it is no URL')
  const url = new URL(text)
  const isHttps = url.protocol === 'https:'
  if (!isHttps && url.protocol !== 'http:') return refused('it is no https:// URL')
  if (url.username !== '' || url.password !== '') return refused('a URL may not hold a user and password')
  const host = plainHost(url.hostname)
  if (host === '') return refused('it has no host')
  const isAllowed = hosts.has(host)
  if (!isHttps && !plainHttp) return refused(`${host}: it must use https`)
  if (!isAllowed && (host === 'localhost' || host.endsWith('.localhost')))
    return refused(`${host} is this machine; ${HOW}`)
  const address = parseAddress(host)
  if (address !== undefined && !isAllowed) {
    const isListed = isIn(prefixes, host)
    if (!isListed && isInside(address)) return refused(`${host} is no address of the Internet; ${HOW}`)
    if (!isListed && !isHttps) return refused(`${host}: it must use https`)
  }
  return { kind: 'fine', url, host, isHttps }
}

const HOW = 'list it under outgoing.allow if it is to be reached'

const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')

function isIn(prefixes: PrefixSet, text: string): boolean {
  const address = parseAddress(text)
  return (
    address !== undefined && prefixes.covering({ ...address, length: bitsOf(address.family) }) !== undefined
  )
}

type Found = { readonly kind: 'found'; readonly addresses: readonly string[] } | Refused

/** One forbidden address forbids the name: whoever means well has none. */
async function addressesOf(
  { host, isHttps }: Judged,
  rules: FetchRules,
  signal: AbortSignal,
): Promise<Found> {
  const { allowance, resolve = resolveBySystem } = rules
  if (parseAddress(host) !== undefined) return { kind: 'found', addresses: [host] }
  const addresses = await Promise.race([resolve(host), aborted(signal)])
  if (addresses.length === 0) throw new Error('it has no address')
  if (allowance.hosts.has(host)) return { kind: 'found', addresses }
  for (const text of addresses) {
    const address = parseAddress(text)
    if (isIn(allowance.prefixes, text)) continue
    if (address === undefined || isInside(address))
      return refused(`${host} has the address ${text}, which is none of the Internet; ${HOW}`)
    if (!isHttps) return refused(`${host}: it must use https`)
  }
  return { kind: 'found', addresses }
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  return (await lookUp(host, { all: true })).map(({ address }) => address)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function exchange(
  { method, headers, body }: SafeRequest,
  { url, isHttps }: Judged,
  addresses: readonly string[],
  { ca, answerBytesMax }: FetchRules,
  signal: AbortSignal,
): Promise<Fetched> {
  return new Promise((done, failed) => {
    const options = {
      ...{ method, signal, agent: false, lookup: pinnedTo(addresses) },
      ...(ca === undefined ? {} : { ca }),
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    }
    const request: ClientRequest = (isHttps ? requestHttps : requestHttp)(url, options)
    request.on('error', failed)
    request.on('response', response => {
      read(response, answerBytesMax).then(text => {
        done(answerOf(response, text))
        request.destroy()
      }, failed)
    })
    request.end(body)
  })
}

/** Gives what was judged, whatever the name means by now. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_host, { all }, told) => {
    const [first] = found
    if (all) told(null, found)
    else if (first !== undefined) told(null, first.address, first.family)
  }
}

async function read(response: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    parts.push(part)
    bytes += part.length
    if (bytes >= bytesMax) break
  }
  return Buffer.concat(parts).subarray(0, bytesMax).toString('utf8')
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): Fetched {
  const retryAfter = /^\d{1,6}$/.test(headers['retry-after'] ?? '')
    ? Number(headers['retry-after'])
    : undefined
  return {
    ...{ kind: 'answered', status: statusCode, body },
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  }
}

/** The code alone, where there is one: messages of libraries may quote what they were given. */
function wordOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'string') return code
  return error instanceof Error && error.message === 'it has no address' ? error.message : 'failed'
}
