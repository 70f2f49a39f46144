// `HOST:PORT` of a server we connect to, as people write it in settings: a name, an IPv4 address, or IPv6 in brackets.

import { z } from 'zod'

export interface ServerAddress {
  readonly host: string
  readonly port: number
}

const SERVER = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]{1,253})):([1-9]\d{0,4})$/

/** `undefined` when the text is none. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const match = SERVER.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

export const formatServerAddress = ({ host, port }: ServerAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** A setting that names a server, or `off`. */
export const serverSchema = z
  .string()
  .refine(text => text === 'off' || parseServerAddress(text) !== undefined, {
    error: 'expected HOST:PORT such as metrics.example.net:2003 or [::1]:2003, or off',
  })
  .meta({ title: 'HOST:PORT such as metrics.example.net:2003 or [::1]:2003, or off' })
  .default('off')
