// Calls routes of the contract at a daemon's control socket or URL. For the command line and the traffic screen.

import type { z } from 'zod'
import { type Door, doorName } from '#lib/door.ts'
import { type DoorReply, requestAt } from '#lib/door-request.ts'
import { PROBLEM_TYPE, type Problem, problemSchema } from './problem.ts'
import { type Route, takesBody } from './route.ts'

export type Failure =
  | Exclude<DoorReply, { kind: 'answered' }>
  /** The daemon said no. */
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** An answer that is not of this contract, as from another version. */
  | { readonly kind: 'garbled'; readonly path: string; readonly status: number; readonly cause: Error }

export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface Client {
  /** Calls a route; never rejects. */
  call<Input extends z.ZodType, Output extends z.ZodType>(
    route: Route<Input, Output>,
    input: z.input<Input>,
  ): Promise<Reply<z.output<Output>>>
}

const TIMEOUT_MS = 5000

/** A client of the daemon that listens on `socketPath`. */
export const socketClient = (socketPath: string, timeoutMs = TIMEOUT_MS): Client =>
  clientAt({ kind: 'socket', path: socketPath }, timeoutMs)

/** A client of the daemon behind this door. */
export const clientAt = (door: Door, timeoutMs = TIMEOUT_MS): Client => ({
  async call(route, input) {
    const { path, body } = placeInput(route, toFields(input))
    const reply = await requestAt({ door, method: route.method, path, body, timeoutMs })
    return reply.kind === 'answered' ? read(route, reply, doorName(door)) : { kind: 'failed', failure: reply }
  },
})

type Fields = Readonly<Record<string, unknown>>

const toFields = (input: unknown): Fields => (typeof input === 'object' && input !== null ? { ...input } : {})

/** Fields named in the path go there, the others into the query or, for POST, PUT and PATCH, the body. */
function placeInput(route: Route, input: Fields): { path: string; body: Fields | undefined } {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined))
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest.get(name) ?? '')
    rest.delete(name)
    return encodeURIComponent(value)
  })
  if (takesBody(route.method)) return { path, body: Object.fromEntries(rest) }
  const query = new URLSearchParams([...rest].map(([name, value]): [string, string] => [name, String(value)]))
  return { path: rest.size === 0 ? path : `${path}?${query}`, body: undefined }
}

function read<Output extends z.ZodType>(
  route: Route<z.ZodType, Output>,
  reply: Extract<DoorReply, { kind: 'answered' }>,
  socketPath: string,
): Reply<z.output<Output>> {
  const garbled = (cause: Error): Reply<never> => ({
    kind: 'failed',
    failure: { kind: 'garbled', path: socketPath, status: reply.status, cause },
  })
  let json: unknown
  try {
    json = JSON.parse(reply.text)
  } catch (error) {
    return garbled(new Error('not JSON', { cause: error }))
  }
  if (reply.contentType === PROBLEM_TYPE) {
    const refusal = problemSchema.safeParse(json)
    return refusal.success
      ? { kind: 'failed', failure: { kind: 'refused', problem: refusal.data } }
      : garbled(refusal.error)
  }
  const value = route.output.safeParse(json)
  return value.success ? { kind: 'ok', value: value.data } : garbled(value.error)
}
