// A connection to Redis for as long as there are keys to write, with a limit on every wait.

import { readFile } from 'node:fs/promises'
import type { ServerAddress } from '#lib/server-address.ts'
import type { RedisConfig } from './config.ts'

const CONNECT_MS = 1500
/** No answer for so long ends the connection. */
const SILENT_MS = 5000

/** Writes keys one after another. Whatever is wrong rejects: nothing is tried again here. */
export interface RedisConnection {
  set(key: string, value: string): Promise<void>
  /** Also ends what is waiting for an answer. */
  close(): void
}

export async function connectRedis(
  { host, port }: ServerAddress,
  { user, passwordFile, database, expireSeconds }: RedisConfig,
): Promise<RedisConnection> {
  const password = passwordFile === undefined ? undefined : (await readFile(passwordFile, 'utf8')).trim()
  // Loaded with the first key: a megabyte of commands that most daemons never need.
  const { createClient } = await import('@redis/client')
  const client = createClient({
    // What FastNetMon's users run may be older than RESP 3.
    RESP: 2,
    socket: { host, port, connectTimeout: CONNECT_MS, socketTimeout: SILENT_MS, reconnectStrategy: false },
    database,
    disableOfflineQueue: true,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
  })
  // Whoever waits is told by a rejection.
  client.on('error', () => {})
  const close = () => client.destroy()
  try {
    await withDeadline(client.connect(), SILENT_MS, close)
  } catch (error) {
    if (client.isOpen) close()
    throw error
  }
  const options = expireSeconds === 0 ? {} : { expiration: { type: 'EX' as const, value: expireSeconds } }
  return {
    set: async (key, value) => void (await withDeadline(client.set(key, value, options), SILENT_MS, close)),
    close: () => {
      if (client.isOpen) close()
    },
  }
}

async function withDeadline<T>(waiting: Promise<T>, milliseconds: number, giveUp: () => void): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error('Redis does not answer'))
    giveUp()
  }, milliseconds)
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer))
}
