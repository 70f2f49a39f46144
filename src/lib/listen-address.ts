// `ADDRESS:PORT` as people write it in settings and flags.

import { parseAddress } from '#lib/ip/address.ts'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Reads `127.0.0.1:9209`, IPv6 in brackets (`[::1]:9209`); `undefined` when the text is neither. Port 0 is any free one. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(0|[1-9]\d{0,4})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) return undefined
  const family = parseAddress(host)?.family
  return family === (match?.[1] === undefined ? 4 : 6) ? { host, port } : undefined
}

export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
