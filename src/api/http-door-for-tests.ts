// The API of a made-up daemon on a port of this machine, for tests of what only the network has.

import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TestContext } from 'node:test'
import { DocumentShelf } from '#lib/documents.ts'
import { type Logger, SILENT } from '#lib/log/logger.ts'
import type { Authority, Certified } from '../../test/certificates.ts'
import { AccessDesk } from './access/desk.ts'
import { NetworkGate } from './access/network-gate.ts'
import { type ApiConfig, apiSchema } from './config.ts'
import type { Control } from './control.ts'
import { fakeControl } from './fake-control.ts'
import { type HttpDoor, serveHttp } from './http-listener.ts'
import { type ApiOptions, buildApi } from './server.ts'

interface Changes extends Partial<ApiConfig> {
  readonly log?: Logger
  readonly control?: Control
}

/** Whoever asks is admin unless `changes` say otherwise. */
export async function serve(
  t: TestContext,
  { log = SILENT, control = fakeControl(), ...changes }: Changes = {},
  port = 0,
): Promise<HttpDoor> {
  const config = { ...apiSchema.parse({ access: { mode: 'none' } }), ...changes }
  const accessDesk = new AccessDesk({
    ...{ documents: new DocumentShelf(), config: () => config.access, record: () => {} },
    ...{ nameOf: () => 'nobody', knowsCustomer: () => true, now: Date.now },
  })
  const access = new NetworkGate({ config: () => config.access, ...accessDesk.kept, now: Date.now })
  const parts: ApiOptions = {
    ...{ control, accessDesk, access, log },
    callerOf: ({ identity }) => ({ uid: undefined, pid: undefined, identity }),
  }
  const door = serveHttp({
    ...{ name: 'API', listen: { host: '127.0.0.1', port }, config, log, retryMs: 20 },
    build: bounds => buildApi({ ...parts, ...bounds }),
  })
  t.after(() => door.close())
  await door.tried
  return door
}

export const urlOf = ({ port }: HttpDoor): string => `http://127.0.0.1:${port}`

/** Status and headers of an answer by TLS to somebody with this certificate. */
export const answerTo = (door: HttpDoor, authority: Authority, own?: Certified, path = '/api/v1/status') =>
  new Promise<{ status: number; headers: Readonly<Record<string, unknown>> }>((resolve, reject) => {
    const outgoing = request(
      {
        ...{ host: '127.0.0.1', port: door.port, path, agent: false },
        ca: readFileSync(authority.certificate),
        ...(own && { cert: readFileSync(own.certificate), key: readFileSync(own.key) }),
      },
      incoming => {
        incoming.resume()
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers })
      },
    )
    outgoing.on('error', reject).end()
  })
