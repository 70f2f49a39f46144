// Which daemon a verb asks: the one of this machine by its socket, or another by URL and token.

import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import type { Door } from '#lib/door.ts'
import { isLoopback } from '#lib/ip/loopback.ts'
import { errorText } from '#lib/log/facts.ts'
import { clientSocket } from '#lib/state-directory.ts'
import type { Io } from './io.ts'

/** Options as commander leaves them. */
export interface DoorFlags {
  readonly state?: string
  readonly url?: string
  readonly tokenFile?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecure?: true
}

export const addDoor = (verb: Command): Command =>
  verb
    .option(
      '--url <url>',
      'ask the daemon at this URL (default: FLOODWARDEN_URL, else the one of this machine)',
    )
    .option(
      '--token-file <file>',
      'its token, in a file that its owner alone may read (default: FLOODWARDEN_TOKEN, else FLOODWARDEN_TOKEN_FILE)',
    )
    .option('--ca-file <file>', 'believe certificates of this authority, PEM (default: FLOODWARDEN_CA_FILE)')
    .option('--cert-file <file>', 'show this client certificate, PEM (default: FLOODWARDEN_CERT_FILE)')
    .option('--key-file <file>', 'its key, which its owner alone may read (default: FLOODWARDEN_KEY_FILE)')
    .option('--insecure', 'send the token over plain HTTP to another machine all the same')

const OTHERS_MAY_READ = 0o077
const TOKEN = /^[\x21-\x7e]{1,512}$/

/** The door that is meant. Throws with what is wrong with URL, token or certificate, and what to do. */
export function doorOf(io: Io, flags: DoorFlags): Door {
  const url = flags.url ?? named(io, 'FLOODWARDEN_URL')
  // Whoever names a state directory means the daemon of this machine.
  if (url === undefined || (flags.url === undefined && flags.state !== undefined))
    return {
      kind: 'socket',
      path: clientSocket({ flag: flags.state, environment: io.environment, uid: io.uid }),
    }
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw new Error(`${url} is no URL: expected https://floodwarden.example.org:8080`)
  if (parsed.username !== '' || parsed.password !== '')
    throw new Error(
      'the URL holds a password, which others would see: take it out and give a token in a file',
    )
  const token = tokenOf(io, flags)
  if (
    token !== undefined &&
    parsed.protocol === 'http:' &&
    !isHere(parsed.hostname) &&
    flags.insecure !== true
  )
    throw new Error(
      `the token would go to ${parsed.host} for everybody on the way to read: use https, or say --insecure`,
    )
  const certified = certifiedOf(io, flags)
  const authority = flags.caFile ?? named(io, 'FLOODWARDEN_CA_FILE')
  return {
    ...{ kind: 'url', url: `${parsed.origin}${parsed.pathname.replace(/\/$/, '')}` },
    ...(token === undefined ? {} : { token }),
    ...(certified && { certified }),
    ...(authority === undefined ? {} : { authority: read(authority, 'the certificate authority') }),
  }
}

function tokenOf(io: Io, { tokenFile }: DoorFlags): string | undefined {
  const direct = tokenFile === undefined ? named(io, 'FLOODWARDEN_TOKEN') : undefined
  if (direct !== undefined) return checked(direct, 'FLOODWARDEN_TOKEN')
  const file = tokenFile ?? named(io, 'FLOODWARDEN_TOKEN_FILE')
  if (file === undefined) return undefined
  return checked(readSecret(file, 'the token').trim(), file)
}

function certifiedOf(io: Io, flags: DoorFlags) {
  const certificate = flags.certFile ?? named(io, 'FLOODWARDEN_CERT_FILE')
  const key = flags.keyFile ?? named(io, 'FLOODWARDEN_KEY_FILE')
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined)
    throw new Error('a client certificate needs both its file and its key: --cert-file and --key-file')
  return {
    certificate: read(certificate, 'the client certificate'),
    key: readSecret(key, 'the key of the client certificate'),
  }
}

function readSecret(file: string, what: string): string {
  const text = read(file, what)
  if ((statSync(file).mode & OTHERS_MAY_READ) !== 0)
    throw new Error(`${file} can be read by others than its owner: chmod 600 ${file}`)
  return text
}

function checked(token: string, place: string): string {
  if (!TOKEN.test(token)) throw new Error(`${place} holds no token: expected one line without spaces`)
  return token
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${what} cannot be read: ${errorText(error)}`)
  }
}

function named(io: Io, name: string): string | undefined {
  const value = io.environment[name]
  return value === '' ? undefined : value
}

function isHere(hostname: string): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''))
}
