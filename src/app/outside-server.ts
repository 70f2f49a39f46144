// A server that a program of ours is to ask as somebody: its URL, and files with what is secret or believed.

import { readFileSync, statSync } from 'node:fs'
import { isLoopback } from '#lib/ip/loopback.ts'
import { errorText } from '#lib/log/facts.ts'

export type Found<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'refused'; readonly problem: string }

const OTHERS_MAY_READ = 0o077
const SECRET_BYTES_MAX = 16_384

/** Without a slash at its end. Something secret goes over plain HTTP to this machine alone. */
export function serverUrl(text: string, example = 'https://ddps.example.org'): Found<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return refused(`the address of the API is no URL: write one such as ${example}`)
  if (url.username !== '' || url.password !== '')
    return refused('the address of the API holds a password, which others would see: put it into a file')
  if (url.protocol === 'http:' && !isHere(url.hostname))
    return refused(`passwords and tokens would go to ${url.host} for everybody on the way to read: use https`)
  return { kind: 'found', value: `${url.origin}${url.pathname.replace(/\/+$/, '')}` }
}

const isHere = (hostname: string): boolean =>
  hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))

/** Text of a file that its owner alone may read. */
export function secretIn(path: string, what: string): Found<string> {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return refused(`${path} is no regular file`)
    if ((stat.mode & OTHERS_MAY_READ) !== 0)
      return refused(`${path} can be read by others than its owner: chmod 600 ${path}`)
    if (stat.size > SECRET_BYTES_MAX) return refused(`${path} is too long for ${what}`)
    return { kind: 'found', value: readFileSync(path, 'utf8') }
  } catch (error) {
    return refused(`${what} cannot be read: ${errorText(error)}`)
  }
}

/** PEM of an authority whose certificates are believed besides those of the system. */
export function authorityIn(path: string | undefined): Found<{ readonly authority?: string }> {
  if (path === undefined) return { kind: 'found', value: {} }
  try {
    return { kind: 'found', value: { authority: readFileSync(path, 'utf8') } }
  } catch (error) {
    return refused(`the certificate authority cannot be read: ${errorText(error)}`)
  }
}

const refused = (problem: string) => ({ kind: 'refused', problem }) as const
