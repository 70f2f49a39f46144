// Which DDPS API is asked, and as whom: a URL, and a file with user and password.

import type { DdpsCredentials, DdpsServer } from '#compat/ddps/client.ts'
import { authorityIn, type Found, secretIn, serverUrl } from './outside-server.ts'

export interface DdpsPlace {
  readonly url: string
  readonly credentialsFile: string
  readonly caFile?: string
  readonly timeoutMs: number
}

/** Never throws, and no problem holds a secret. */
export function ddpsServerAt({ url, credentialsFile, caFile, timeoutMs }: DdpsPlace): Found<DdpsServer> {
  const place = serverUrl(url)
  if (place.kind === 'refused') return place
  const credentials = credentialsIn(credentialsFile)
  if (credentials.kind === 'refused') return credentials
  const authority = authorityIn(caFile)
  if (authority.kind === 'refused') return authority
  const door = { kind: 'url', url: place.value, ...authority.value } as const
  return { kind: 'found', value: { door, credentials: credentials.value, timeoutMs } }
}

const FORM = 'two lines, username=NAME and password=WORDS'

function credentialsIn(path: string): Found<DdpsCredentials> {
  const text = secretIn(path, FORM)
  if (text.kind === 'refused') return text
  const lines = text.value.split(/\r?\n/)
  const lineOf = (key: string) => lines.find(line => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? ''
  const [username, password] = [lineOf('username').trim(), lineOf('password')]
  return username === '' || password === ''
    ? { kind: 'refused', problem: `${path} does not hold ${FORM}` }
    : { kind: 'found', value: { username, password } }
}
