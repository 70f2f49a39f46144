// Certificate and key as they are in their files, and again when they change: what is broken never takes the place of what works.

import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Logger } from '#lib/log/logger.ts'
import type { ApiConfig } from './config.ts'

export type TlsConfig = NonNullable<ApiConfig['tls']>

const LOOK_MS = 10_000

/** What a TLS server is made with. Throws what reading throws, or what OpenSSL says of it. */
export function readTls({ certificate, key, clientAuthority }: TlsConfig): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readFileSync(certificate),
    key: readFileSync(key),
    minVersion: 'TLSv1.2',
    ...(clientAuthority === undefined ? {} : { ca: readFileSync(clientAuthority) }),
  }
  createSecureContext(options)
  return options
}

/** Files as they are read at a moment; a change after it has another one. */
export const stampOf = ({ certificate, key, clientAuthority }: TlsConfig): string =>
  [certificate, key, clientAuthority]
    .map(path => {
      const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })
      return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
    })
    .join()

/** Tells of new ones from time to time, and whenever it is asked to look. */
export class TlsWatch {
  readonly #config: TlsConfig
  readonly #log: Logger
  readonly #changed: (options: SecureContextOptions) => void
  readonly #timer: NodeJS.Timeout
  #stamp: string
  /** Why the newest files are not in use; `undefined`: they are. */
  problem: string | undefined

  /** `stamp`: of before the files in use were read, so that no change is missed. */
  constructor(
    config: TlsConfig,
    stamp: string,
    log: Logger,
    changed: (options: SecureContextOptions) => void,
  ) {
    this.#config = config
    this.#stamp = stamp
    this.#log = log
    this.#changed = changed
    this.#timer = setInterval(() => this.look(), LOOK_MS)
    this.#timer.unref()
  }

  look(): void {
    const stamp = stampOf(this.#config)
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    try {
      this.#changed(readTls(this.#config))
      this.problem = undefined
      this.#log.info('certificate read again', { certificate: this.#config.certificate })
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      const facts = { certificate: this.#config.certificate, problem: this.problem }
      this.#log.error('the new certificate cannot be used, the one before goes on', facts)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
