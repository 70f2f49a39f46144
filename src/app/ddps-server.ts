// Which DDPS API is asked, and as whom: a URL, and a file with user and password that its owner alone may read.

import { readFileSync, statSync } from 'node:fs'
import type { DdpsCredentials, DdpsServer } from '#compat/ddps/client.ts'
import { isLoopback } from '#lib/ip/loopback.ts'
import { errorText } from '#lib/log/facts.ts'

export interface DdpsPlace {
  readonly url: string
  readonly credentialsFile: string
  /** PEM file of the authority whose certificates are believed besides those of the system. */
  readonly caFile?: string
  readonly timeoutMs: number
}

export type FoundServer =
  | { readonly kind: 'server'; readonly server: DdpsServer }
  | { readonly kind: 'refused'; readonly problem: string }

const OTHERS_MAY_READ = 0o077
const FILE_BYTES_MAX = 16_384

/** Never throws, and no problem holds a secret. */
export function ddpsServerAt(place: DdpsPlace): FoundServer {
  const url = URL.canParse(place.url) ? new URL(place.url) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return refused('the address of the API is no URL: write one such as https://ddps.example.org')
  if (url.username !== '' || url.password !== '')
    return refused('the address of the API holds a password, which others would see: put it into the file')
  if (url.protocol === 'http:' && !isHere(url.hostname))
    return refused(`the password would go to ${url.host} for everybody on the way to read: use https`)
  const credentials = credentialsIn(place.credentialsFile)
  if (typeof credentials === 'string') return refused(credentials)
  const authority = authorityIn(place.caFile)
  if (authority.kind === 'refused') return authority
  return {
    kind: 'server',
    server: {
      door: {
        kind: 'url',
        url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
        ...(authority.pem === undefined ? {} : { authority: authority.pem }),
      },
      credentials,
      timeoutMs: place.timeoutMs,
    },
  }
}

const refused = (problem: string) => ({ kind: 'refused', problem }) as const

const isHere = (hostname: string): boolean =>
  hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))

const FORM = 'two lines, username=NAME and password=WORDS'

/** User and password, or why there are none. */
function credentialsIn(path: string): DdpsCredentials | string {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return `${path} is no regular file`
    if ((stat.mode & OTHERS_MAY_READ) !== 0)
      return `${path} can be read by others than its owner: chmod 600 ${path}`
    if (stat.size > FILE_BYTES_MAX) return `${path} is too long for ${FORM}`
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    const lineOf = (key: string) =>
      lines.find(line => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? ''
    const [username, password] = [lineOf('username').trim(), lineOf('password')]
    return username === '' || password === '' ? `${path} does not hold ${FORM}` : { username, password }
  } catch (error) {
    return `user and password cannot be read: ${errorText(error)}`
  }
}

type Authority =
  | { readonly kind: 'found'; readonly pem: string | undefined }
  | { readonly kind: 'refused'; readonly problem: string }

function authorityIn(path: string | undefined): Authority {
  if (path === undefined) return { kind: 'found', pem: undefined }
  try {
    return { kind: 'found', pem: readFileSync(path, 'utf8') }
  } catch (error) {
    return refused(`the certificate authority cannot be read: ${errorText(error)}`)
  }
}
