// Any web server: the alert as JSON, signed where there is a secret.

import { createHmac } from 'node:crypto'
import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, jsonPost } from './alert.ts'

export function genericRequest(
  alert: Alert,
  to: {
    readonly url: string
    readonly secret?: string | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
  },
): SafeRequest {
  const body = JSON.stringify(alert)
  const signature = to.secret
    ? { 'x-prefixd-signature': `sha256=${createHmac('sha256', to.secret).update(body).digest('hex')}` }
    : {}
  // Names in small letters, so that ours stand once.
  const given = Object.entries(to.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const named = { 'user-agent': 'prefixd-webhook/1.0', ...Object.fromEntries(given) }
  return jsonPost(to.url, alert, { ...named, ...signature })
}
