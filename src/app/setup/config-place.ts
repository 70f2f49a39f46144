// Which configuration file the daemon goes by: the one that is named, else the one that a first run made in its state.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadOptions } from '../config/load.ts'

/** Made by the first run, and read when none is named. */
const FRESH = 'floodwarden.yaml'

export class ConfigPlace {
  /** Where the first run puts one when there is none. */
  readonly fresh: string
  /** How the configuration is read, now and at each reload. */
  readonly loading: LoadOptions
  #file: string | undefined

  constructor(
    named: string | undefined,
    stateDirectory: string,
    overrides: NonNullable<LoadOptions['overrides']>,
  ) {
    this.fresh = join(stateDirectory, FRESH)
    this.#file = named ?? (existsSync(this.fresh) ? this.fresh : undefined)
    const fileOf = () => this.#file
    this.loading = {
      get file() {
        return fileOf()
      },
      overrides,
    }
  }

  get file(): string | undefined {
    return this.#file
  }

  /** Goes by this file from now on. */
  use(file: string): void {
    this.#file = file
  }
}
