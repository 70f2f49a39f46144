// A server that answers as DDPS does, on a port of the loopback that is free, and keeps what it heard.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

export interface Heard {
  readonly path: string
  readonly cookie: string | undefined
  readonly body: unknown
}

export type Answer = (heard: Heard, response: ServerResponse) => void

/** The user is ann, her password secret, and a rule whose description is `taken` is refused. */
export const answerAsDdps: Answer = ({ path, cookie, body }, response) => {
  const say = (status: number, text: string, headers = {}) => response.writeHead(status, headers).end(text)
  const field = (name: string) => (typeof body === 'object' && body !== null ? Reflect.get(body, name) : '')
  if (path === '/signin') {
    if (field('username') !== 'ann' || field('password') !== 'secret')
      return say(401, 'user / password is wrong or unknown')
    return say(200, '', { 'set-cookie': 'token=abc.def; HttpOnly; SameSite=Strict' })
  }
  if (cookie !== 'token=abc.def') return say(401, 'no cookie')
  return field('description') === 'taken' ? say(400, 'the same rule is live') : say(200, 'rule accepted')
}

export async function ddpsServerFor(
  t: TestContext,
  answer: Answer = answerAsDdps,
  tls?: { readonly key: string; readonly cert: string },
): Promise<{ readonly heard: readonly Heard[]; readonly url: string }> {
  const heard: Heard[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = request.method === 'POST' ? await json(request).catch(() => undefined) : undefined
    const one = { path: request.url ?? '', cookie: request.headers.cookie, body }
    heard.push(one)
    answer(one, response)
  }
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address() as AddressInfo
  return { heard, url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}` }
}
