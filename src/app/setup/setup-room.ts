// The first run: as long as nobody may log in as admin, a link that makes the first one is shown on the terminal, or, when
// there is none, lies in a file that its owner alone may read. It works once, for a quarter of an hour.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { SETUP_MINUTES, SetupLink } from '#api/access/setup-link.ts'
import type { ApiConfig } from '#api/config.ts'
import type { SetupFacts, SetupRequest } from '#api/contract/setup.ts'
import type { Caller } from '#api/control.ts'
import type { SetupDesk } from '#api/resources.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { ownAddresses } from '#lib/linux/interface.ts'
import { formatListenAddress, parseListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { FirstConfiguration } from './first-configuration.ts'
import { writeNewFile } from './new-file.ts'

/** Only its owner may read it. */
const LINK_MODE = 0o600

export interface SetupRoomOptions {
  readonly stateDirectory: string
  readonly configuration: FirstConfiguration
  readonly api: () => ApiConfig
  /** Shows a line to whoever sits at the terminal; missing: nobody does. */
  readonly terminal: ((line: string) => void) | undefined
  readonly log: Logger
}

export class SetupRoom implements SetupDesk {
  readonly #options: SetupRoomOptions
  readonly #file: string
  #link: SetupLink | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: SetupRoomOptions) {
    this.#options = options
    this.#file = join(options.stateDirectory, 'setup-link')
  }

  /** Makes a link and says where it is. To be called when the state was read and `hasAdmin` is known. */
  offer(hasAdmin: boolean): void {
    const { terminal, log } = this.#options
    this.#takeAway()
    const place = this.#place()
    if (hasAdmin || place === undefined) return
    const link = new SetupLink(() => performance.now())
    const url = `${place}/first-run#${link.secret}`
    if (terminal !== undefined)
      terminal(`floodwarden: set it up in a browser, once and within ${SETUP_MINUTES} minutes: ${url}`)
    else {
      const problem = writeNewFile(this.#file, `${url}\n`, LINK_MODE)
      if (problem !== undefined) {
        log.warn('no set-up link', { problem, do: 'floodwarden users add NAME --role admin' })
        return
      }
      log.info('nobody may log in as admin: a set-up link is in a file', {
        file: this.#file,
        minutes: SETUP_MINUTES,
      })
    }
    this.#link = link
    this.#timer = setTimeout(() => this.#takeAway(), SETUP_MINUTES * 60_000)
    this.#timer.unref()
  }

  stop(): void {
    this.#takeAway()
  }

  get isOpen(): boolean {
    return this.#link?.isOpen ?? false
  }

  claim(token: string): boolean {
    return this.#link?.claim(token) ?? false
  }

  giveBack(): void {
    this.#link?.giveBack()
  }

  used(name: string): void {
    this.#options.log.info('the set-up link was used', { user: name })
    this.#takeAway()
  }

  facts(): SetupFacts {
    return this.#options.configuration.facts()
  }

  write(request: SetupRequest, by: Caller): ReturnType<SetupDesk['write']> {
    return this.#options.configuration.write(request, by)
  }

  #takeAway(): void {
    clearTimeout(this.#timer)
    this.#link = undefined
    try {
      rmSync(this.#file, { force: true })
    } catch (error) {
      this.#options.log.warn('the set-up link could not be removed', { file: this.#file, error })
    }
  }

  /** Where a browser finds the console; undefined: nobody logs in there. */
  #place(): string | undefined {
    const { listen, tls, access, console } = this.#options.api()
    const [first] = listen === 'off' ? [] : [listen].flat()
    const address = first === undefined ? undefined : parseListenAddress(first)
    if (address === undefined || !console || access.mode === 'none' || access.mode === 'mtls')
      return undefined
    const isAny = address.host === '0.0.0.0' || address.host === '::'
    const [own] = isAny ? ownAddresses() : []
    const host = own === undefined ? address.host : formatAddress(own)
    return `${tls === undefined ? 'http' : 'https'}://${formatListenAddress({ ...address, host })}`
  }
}
