// prefixd.yaml's HTTP API as the settings of ours: where it listens, who may ask, and how often.

import { isLoopback } from '#lib/ip/loopback.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { Reading } from './reading.ts'
import type { PrefixdMainSettings } from './settings-schema.ts'

/** What prefixd reads when nothing is said. */
export const BEARER_TOKEN = 'PREFIXD_API_TOKEN'

const MODES: Readonly<Record<string, string>> = {
  none: 'none',
  bearer: 'bearer',
  credentials: 'credentials',
  mtls: 'mtls',
}

export function readApi({ http }: PrefixdMainSettings, reading: Reading): void {
  const isLocal = readListen(http?.listen, reading)
  readAuth(http?.auth, isLocal, reading)
  const { events_per_second: perSecond, burst } = http?.rate_limit ?? {}
  const rate = (native: string, key: string, value: number | undefined) => {
    if (value !== undefined && value > 0)
      reading.carry(['api', 'access', 'perIdentity', native], value, ['http', 'rate_limit', key])
  }
  rate('perSecond', 'events_per_second', perSecond)
  rate('burst', 'burst', burst)
  const { cert_path, key_path, ca_path } = http?.tls ?? {}
  const file = (native: string, key: string, path: string | undefined) => {
    if (path !== undefined) reading.carry(['api', 'tls', native], path, ['http', 'tls', key])
  }
  file('certificate', 'cert_path', cert_path)
  file('key', 'key_path', key_path)
  file('clientAuthority', 'ca_path', ca_path)
  if (http?.cors_origin !== undefined)
    reading.carry(['api', 'corsOrigin'], http.cors_origin, ['http', 'cors_origin'])
}

/** Whether it is reached from this machine alone. */
function readListen(listen: string | undefined, reading: Reading): boolean {
  if (listen === undefined) return true
  const from = ['http', 'listen']
  const address = parseListenAddress(listen.replace(/^localhost:/, '127.0.0.1:'))
  if (address === undefined) {
    const message = `expected ADDRESS:PORT such as 127.0.0.1:8080, found ${JSON.stringify(listen.slice(0, 60))}`
    reading.say('error', 'prefixd-value', from, message, 'names are not looked up: write the address')
    return true
  }
  reading.carry(['api', 'listen'], listen.replace(/^localhost:/, '127.0.0.1:'), from)
  return isLoopback(address.host)
}

type Auth = NonNullable<PrefixdMainSettings['http']>['auth']

function readAuth(auth: Auth, isLocal: boolean, reading: Reading): void {
  const mode = MODES[auth?.mode ?? ''] ?? 'hybrid'
  const from = ['http', 'auth', 'mode']
  const isOpen = mode === 'none' && !isLocal
  reading.carry(['api', 'access', 'mode'], isOpen ? 'hybrid' : mode, from)
  if (isOpen)
    reading.say(
      'warning',
      'prefixd-bound',
      from,
      'none would let whoever reaches the port announce rules: here everybody needs a token or a user',
      'make a token with floodwarden tokens add, or listen on 127.0.0.1',
    )
  if (mode === 'bearer')
    reading.carry(['api', 'access', 'bearerTokenEnv'], auth?.bearer_token_env ?? BEARER_TOKEN, [
      ...['http', 'auth', 'bearer_token_env'],
    ])
}
