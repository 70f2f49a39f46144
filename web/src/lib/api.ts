// Calls routes of the API's contract. Types come from its schemas; of the schemas themselves nothing is in the bundle.

import type { z } from 'zod'
import type { Role } from '#api/contract/access.ts'
import type { Problem } from '#api/contract/problem.ts'
import type { ROUTES } from '#api/contract/routes.ts'
import { placeInput } from './place-input.ts'

type Routes = typeof ROUTES
export type RouteName = keyof Routes
/** What a route takes; fields that have a preset may be missing. */
export type InputOf<Name extends RouteName> = z.input<Routes[Name]['input']>
export type OutputOf<Name extends RouteName> = z.output<Routes[Name]['output']>

type Row = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  role: Role | 'public',
  reach: 'customers' | 'everything',
]

/** Written into the bundle by the build, from the contract. */
declare const __ROUTES__: Readonly<Record<RouteName, Row>>
const TABLE = __ROUTES__

export type Failure =
  /** The daemon said no; its words are for people. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** No answer: the daemon or the way to it is away. */
  | { readonly kind: 'unreachable' }
  /** The page that asked has gone. */
  | { readonly kind: 'aborted' }

export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly etag: string | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Only if what is changed is still what was read: the ETag of that answer. */
  readonly ifMatch?: string | undefined
}

const TIMEOUT_MS = 15_000

let csrfToken: string | undefined
let onUnauthenticated: (() => void) | undefined

/** Of the session that began; undefined: there is none. */
export function useCsrfToken(token: string | undefined): void {
  csrfToken = token
}

/** Called when the daemon no longer knows who asks. */
export function whenUnauthenticated(listener: () => void): void {
  onUnauthenticated = listener
}

/** The rule of a route: who may call it. */
export function demandOf(name: RouteName): { readonly role: Role | 'public'; readonly reach: Row[3] } {
  const [, , role, reach] = TABLE[name]
  return { role, reach }
}

/** Calls a route. Never rejects. */
export async function call<Name extends RouteName>(
  name: Name,
  input: InputOf<Name>,
  options: CallOptions = {},
): Promise<Reply<OutputOf<Name>>> {
  const [method, path] = TABLE[name]
  const { url, body } = placeInput(method, path, input)
  const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(options.signal ? [options.signal] : [])]
  try {
    const response = await fetch(url, {
      ...{ method, signal: AbortSignal.any(signals), cache: 'no-store', credentials: 'same-origin' },
      headers: headersOf(name, method, body, options),
      ...(body === undefined ? {} : { body }),
    })
    return await read<OutputOf<Name>>(name, response)
  } catch {
    return { kind: 'failed', failure: { kind: options.signal?.aborted ? 'aborted' : 'unreachable' } }
  }
}

/** Change nothing. */
const LOOKS: ReadonlySet<RouteName> = new Set([
  'previewOrder',
  'previewRule',
  'previewProtection',
  'previewNotification',
  'checkSection',
  'simulate',
])

function headersOf(
  name: RouteName,
  method: string,
  body: string | undefined,
  { ifMatch }: CallOptions,
): Record<string, string> {
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(method === 'GET' || csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    // A POST whose answer was lost is sent again by nobody, but a proxy may. Whoever only looks leaves the keys to others.
    ...(method === 'POST' && !LOOKS.has(name)
      ? { 'idempotency-key': crypto.randomUUID?.() ?? String(Math.random()) }
      : {}),
  }
}

async function read<Output>(name: RouteName, response: Response): Promise<Reply<Output>> {
  const json: unknown = await response.json()
  if (response.ok || (name === 'health' && isHealth(json)))
    return { kind: 'ok', value: json as Output, etag: response.headers.get('etag') ?? undefined }
  if (response.status === 401 && name !== 'logIn') onUnauthenticated?.()
  return { kind: 'failed', failure: { kind: 'refused', problem: json as Problem } }
}

/** Its answer has the status 503 when something is wrong, and is an answer nonetheless. */
const isHealth = (json: unknown): boolean => typeof json === 'object' && json !== null && 'checks' in json
