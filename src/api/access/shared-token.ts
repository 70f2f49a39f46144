// One bearer token that everybody shares, from the environment or a file: what scripts written for prefixd present.

import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { errorText } from '#lib/log/facts.ts'
import type { Identity } from '../contract/access.ts'
import type { AccessConfig } from './config.ts'

/** The name of its holder; no other token may have it. */
export const SHARED_TOKEN_NAME = 'bearer-token'

/** What a header can carry (RFC 6750). */
const TOKEN = /^[\x21-\x7e]{1,512}$/
/** Shorter ones can be guessed; they are taken, because an installation that is moved here may rely on one. */
const CHARACTERS_WANTED = 16
const OTHERS_MAY_READ = 0o077

export type SharedToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly text: string; readonly warning?: string }
  /** What was named is not there or is none: to be told aloud, since whoever relies on it is locked out. */
  | { readonly kind: 'failed'; readonly detail: string }

type Named = Pick<AccessConfig, 'bearerTokenEnv' | 'bearerTokenFile'>

export function readSharedToken(
  { bearerTokenEnv, bearerTokenFile }: Named,
  environment: Readonly<Record<string, string | undefined>>,
): SharedToken {
  if (bearerTokenEnv !== undefined) {
    const text = environment[bearerTokenEnv]
    if (text !== undefined && text !== '') return checked(text, `environment variable ${bearerTokenEnv}`)
    if (bearerTokenFile === undefined)
      return {
        kind: 'failed',
        detail: `environment variable ${bearerTokenEnv} is not set: set it to the token`,
      }
  }
  if (bearerTokenFile === undefined) return { kind: 'none' }
  try {
    const read = checked(readFileSync(bearerTokenFile, 'utf8').trim(), bearerTokenFile)
    const isOpen = (statSync(bearerTokenFile).mode & OTHERS_MAY_READ) !== 0
    if (read.kind !== 'read' || !isOpen) return read
    const warning = `${bearerTokenFile} can be read by others than its owner: chmod 600 ${bearerTokenFile}`
    return { ...read, warning }
  } catch (error) {
    return { kind: 'failed', detail: `cannot read the bearer token: ${errorText(error)}` }
  }
}

function checked(text: string, place: string): SharedToken {
  if (!TOKEN.test(text))
    return {
      kind: 'failed',
      detail: `${place} holds no bearer token: expected at most 512 printable characters without spaces`,
    }
  if (text.length >= CHARACTERS_WANTED) return { kind: 'read', text }
  const warning = `the bearer token in ${place} is short enough to be guessed: use 32 random characters`
  return { kind: 'read', text, warning }
}

/** Tells whether a text is the token, in the same time whatever the text: hashes are compared, which are of one length. */
export function sharedTokenCheck(token: string): (text: string) => Identity | undefined {
  const wanted = hash('sha256', token, 'buffer')
  const identity: Identity = { kind: 'token', name: SHARED_TOKEN_NAME, id: '', role: 'operator' }
  return text => (timingSafeEqual(hash('sha256', text, 'buffer'), wanted) ? identity : undefined)
}
