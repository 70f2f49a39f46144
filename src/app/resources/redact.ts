// Settings without what nobody is to read: passwords, and what stands before the @ of an address.

import { z } from 'zod'

const SECRET = '(secret)'
/** Of these the name alone tells a secret; a file or variable that holds one is named freely. */
const SECRET_KEY = /(?:password|passphrase|secret|token|credential)s?$/i
const USER_OF_URL = /^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/i

export function redacted(settings: unknown): Record<string, z.core.util.JSONType> {
  const json: unknown = JSON.parse(JSON.stringify(settings, (key, value) => shownOf(key, value)) ?? '{}')
  return z.record(z.string(), z.json()).parse(json)
}

function shownOf(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  return SECRET_KEY.test(key) ? SECRET : value.replace(USER_OF_URL, `$1${SECRET}@`)
}
