// The API at its doors: the control socket, and the network. What only the network needs is loaded when it is listened on.

import { AccessDesk } from '#api/access/desk.ts'
import type { Gate } from '#api/access/gate.ts'
import { ACCESS_METRICS as ACCESS, METRICS as ACCESS_METRICS } from '#api/access/metrics.ts'
import { NetworkGate } from '#api/access/network-gate.ts'
import { readSharedToken, sharedTokenCheck } from '#api/access/shared-token.ts'
import { type ApiPlugin, buildDialects } from '#api/bare-server.ts'
import { ConnectionBound } from '#api/connection-bound.ts'
import type { Console } from '#api/console/console-pages.ts'
import type { Control } from '#api/control.ts'
import { serveControlSocket } from '#api/control-socket.ts'
import { type HttpDoor, serveHttp } from '#api/http-listener.ts'
import { IdempotencyKeys } from '#api/idempotency.ts'
import { METRICS } from '#api/metrics.ts'
import { type ApiOptions, buildApi } from '#api/server.ts'
import type { Documents } from '#lib/documents.ts'
import { isLoopback } from '#lib/ip/loopback.ts'
import { type ListenAddress, parseListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { Listening } from '#lib/retry-listen.ts'
import { actorOf } from './actor.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Daemon } from './control-room.ts'

/** What the doors need of the daemon. */
export interface Household {
  readonly store: Daemon['store']
  readonly state: { readonly documents: Documents }
}

export interface Dialects {
  /** Spoken wherever the API listens. */
  readonly beside: readonly ApiPlugin[]
  /** Spoken at addresses of their own, where nothing else is. */
  readonly apart: readonly {
    readonly name: string
    readonly listen: ListenAddress
    readonly plugin: ApiPlugin
  }[]
}

export interface DoorOptions {
  readonly control: Control
  readonly household: Household
  /** As it is in force. */
  readonly config: () => ResolvedConfig
  readonly socket: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly resources: NonNullable<ApiOptions['resources']>
  /** The console, which the network alone is served; missing: there is none. */
  readonly console?: Console
  /** Settles when the state was read: the network is listened on from then on. */
  readonly started: Promise<unknown>
  /** Dialects, which the network alone is served. */
  readonly dialects: (accessDesk: AccessDesk, gate: Gate) => Dialects
  readonly log: Logger
}

export interface ApiDoors {
  readonly doors: readonly (readonly [name: string, door: Listening])[]
  readonly accessDesk: AccessDesk
  addMetrics(registry: MetricRegistry): void
  /** Certificates are read again when they have changed. */
  reload(): void
}

export function openApiDoors(options: DoorOptions): ApiDoors {
  const { control, socket, log, config, dialects, resources, started: after } = options
  const accessDesk = accessDeskOf(options)
  const gate = gateOf(options, accessDesk)
  const keys = new IdempotencyKeys(Date.now)
  const connections = new ConnectionBound(address => gate.isProxy(address))
  const { beside, apart } = dialects(accessDesk, gate)
  const bare = { access: gate, connections, log }
  const parts = { ...bare, control, accessDesk, resources, plugins: beside, keys, callerOf: remoteCaller }
  const pages = options.console && { console: options.console }
  const network = addressesOf(config()).map((listen): readonly [string, HttpDoor] => [
    `API on ${listen.host}`,
    serveHttp({
      ...{ name: 'API', listen, config: config().api, log, after },
      build: bounds => buildApi({ ...parts, ...pages, ...bounds }),
    }),
  ])
  for (const { name, listen, plugin } of apart)
    network.push([
      name,
      serveHttp({
        ...{ name, listen, config: boundsOf(config(), listen), log, after },
        build: bounds => buildDialects({ ...bare, ...bounds, plugins: [plugin] }),
      }),
    ])
  return {
    doors: [
      ['control socket', serveControlSocket({ path: socket, control, accessDesk, resources, keys, log })],
      ...network,
    ],
    accessDesk,
    addMetrics: registry => {
      registry.add(METRICS, () => [...connections.metrics(), ...keys.metrics()])
      registry.add(ACCESS_METRICS, () => accessMetrics(accessDesk, gate))
    },
    reload: () => {
      for (const [, door] of network) door.lookAtCertificate()
    },
  }
}

function* accessMetrics(desk: AccessDesk, gate: NetworkGate) {
  yield* desk.metrics()
  for (const [reason, value] of Object.entries(gate.refused))
    yield { name: ACCESS.refused.name, value, labels: { reason } }
  yield { name: ACCESS.forgotten.name, value: gate.forgotten + desk.logins.forgotten }
}

const remoteCaller: ApiOptions['callerOf'] = ({ identity }) => ({ uid: undefined, pid: undefined, identity })

/** On the loopback a proxy brings TLS, as DDPS has it; elsewhere it is that of the API. */
function boundsOf({ api: { tls, ...bounds } }: ResolvedConfig, { host }: ListenAddress) {
  return tls === undefined || isLoopback(host) ? bounds : { ...bounds, tls }
}

function addressesOf({ api: { listen } }: ResolvedConfig) {
  return listen === 'off' ? [] : [listen].flat().flatMap(text => parseListenAddress(text) ?? [])
}

function accessDeskOf({ household, config }: DoorOptions): AccessDesk {
  const { store, state } = household
  return new AccessDesk({
    documents: state.documents,
    config: () => config().api.access,
    nameOf: actorOf,
    knowsCustomer: id => config().inventory.customers.some(customer => customer.id === id),
    now: Date.now,
    record: (note, by) =>
      store.record({
        ...{ at: Date.now(), who: actorOf(by), attackId: '', mitigationId: undefined },
        ...note,
      }),
  })
}

function gateOf({ config, environment, log }: DoorOptions, { kept }: AccessDesk): NetworkGate {
  const { access } = config().api
  const shared = readSharedToken(access, environment)
  if (shared.kind === 'failed') log.error('nobody gets in by the shared token', { problem: shared.detail })
  if (shared.kind === 'read' && shared.warning !== undefined)
    log.warn('shared token', { problem: shared.warning })
  return new NetworkGate({
    config: () => config().api.access,
    ...kept,
    ...(shared.kind === 'read' ? { sharedToken: sharedTokenCheck(shared.text) } : {}),
    now: Date.now,
  })
}
