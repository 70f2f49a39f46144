// A gRPC client that answers with values: what came, or why nothing did. One connection, kept and renewed by itself.

import {
  type CallOptions,
  type ChannelOptions,
  Client,
  connectivityState,
  credentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { Method } from './proto-file.ts'

export type Reply<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Nobody answered in time: the other side may be gone. */
  | { readonly kind: 'unreachable'; readonly error: string }
  /** The other side answered that it would not. */
  | { readonly kind: 'refused'; readonly error: string }

export interface GrpcClientOptions {
  /** `127.0.0.1:50051`. */
  readonly address: string
  readonly deadlineMs: number
  /** Bytes of one message from the other side. */
  readonly messageBytesMax: number
  /** Messages of one stream from the other side. */
  readonly streamMax: number
}

const RECONNECT: ChannelOptions = {
  // Soon: what the other side has forgotten must be told before others miss it, and a try on the loopback costs nothing.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5000,
}

export class GrpcClient {
  readonly #client: Client
  readonly #options: GrpcClientOptions
  #isClosed = false

  constructor(options: GrpcClientOptions) {
    this.#options = options
    this.#client = new Client(options.address, credentials.createInsecure(), {
      ...RECONNECT,
      'grpc.max_receive_message_length': options.messageBytesMax,
    })
  }

  /** Connects now and whenever the connection is lost; tells each change until the client is closed. */
  watch(tell: (isConnected: boolean) => void): void {
    const channel = this.#client.getChannel()
    let wasReady = false
    const follow = (): void => {
      if (this.#isClosed) return
      const state = channel.getConnectivityState(true)
      const isReady = state === connectivityState.READY
      if (isReady !== wasReady) {
        wasReady = isReady
        tell(isReady)
      }
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, follow)
    }
    follow()
  }

  /** One request, one answer. Never rejects. */
  call(method: Method, request: object): Promise<Reply<object>> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    const { promise, hear } = replyOf()
    const { path, requestSerialize, responseDeserialize } = method
    this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#callOptions(),
      hear,
    )
    return promise
  }

  /** A method that takes a stream is given one request; one answer. Never rejects. */
  callStream(method: Method, request: object): Promise<Reply<object>> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    const { promise, hear } = replyOf()
    const { path, requestSerialize, responseDeserialize } = method
    const stream = this.#client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.#callOptions(),
      hear,
    )
    // What is wrong is heard as the answer.
    stream.on('error', () => {})
    stream.end(request)
    return promise
  }

  /** One request, a stream of answers, all of them at its end: one that is cut gives none of them. Never rejects. */
  list(method: Method, request: object): Promise<Reply<readonly object[]>> {
    return this.collect(method, request, answer => answer)
  }

  /** The same; each answer is read as it comes, and what is read as `undefined` is left out. */
  collect<Value>(
    method: Method,
    request: object,
    read: (answer: object) => Value | undefined,
    bounds: Partial<Pick<GrpcClientOptions, 'deadlineMs' | 'streamMax'>> = {},
  ): Promise<Reply<readonly Value[]>> {
    if (this.#isClosed) return Promise.resolve(CLOSED)
    const { promise, resolve } = Promise.withResolvers<Reply<readonly Value[]>>()
    const { path, requestSerialize, responseDeserialize } = method
    const { streamMax, deadlineMs } = { ...this.#options, ...bounds }
    const values: Value[] = []
    let count = 0
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#callOptions(deadlineMs),
    )
    stream.on('data', (answer: object) => {
      count++
      const value = read(answer)
      if (value !== undefined) values.push(value)
      if (count <= streamMax) return
      resolve({ kind: 'refused', error: `the answer has more than ${streamMax} parts` })
      stream.cancel()
    })
    stream.on('error', (error: ServiceError) => resolve(failureOf(error)))
    stream.on('end', () => resolve({ kind: 'ok', value: values }))
    return promise
  }

  /**
   * One request, a stream of answers that goes on for as long as both sides live. `ended` is called once, with the
   * reason, and not when the client is closed. Gives what ends it.
   */
  follow(
    method: Method,
    request: object,
    hear: (value: object) => void,
    ended: (error: string) => void,
  ): () => void {
    if (this.#isClosed) return () => {}
    const { path, requestSerialize, responseDeserialize } = method
    const stream = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
    let isOver = false
    const end = (error: string): void => {
      if (isOver || this.#isClosed) return
      isOver = true
      ended(error)
    }
    stream.on('data', hear)
    stream.on('error', (error: ServiceError) => end(failureOf(error).error))
    stream.on('end', () => end('the stream has ended'))
    return () => {
      isOver = true
      stream.cancel()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#client.close()
  }

  #callOptions(deadlineMs = this.#options.deadlineMs): CallOptions {
    return { deadline: Date.now() + deadlineMs }
  }
}

/** grpc-js throws at whoever calls after the end. */
const CLOSED = { kind: 'unreachable', error: 'the connection is closed' } as const

/** A reply that is on its way, and who hears it come. */
function replyOf() {
  const { promise, resolve } = Promise.withResolvers<Reply<object>>()
  const hear = (error: ServiceError | null, value?: object): void => {
    if (error !== null) resolve(failureOf(error))
    else if (value === undefined) resolve({ kind: 'refused', error: 'the answer is empty' })
    else resolve({ kind: 'ok', value })
  }
  return { promise, hear }
}

/** Codes that say nothing about the request. */
const UNREACHABLE: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED]

function failureOf({ code, details, message }: ServiceError): Exclude<Reply<never>, { kind: 'ok' }> {
  const words = details === '' ? message : details
  // grpc-js wraps the reason: `No connection established. Last error: Error: connect ECONNREFUSED ... Resolution note: `
  const error = /Last error: (?:Error: )?(.+?)\.? Resolution note:/.exec(words)?.[1] ?? words
  return { kind: UNREACHABLE.includes(code) ? 'unreachable' : 'refused', error }
}
