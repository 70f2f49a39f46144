// Joins the first run with the daemon.

import type { Logger } from '#lib/log/logger.ts'
import type { Daemon } from '../daemon.ts'
import type { ConfigPlace } from './config-place.ts'
import { FirstConfiguration, type FirstConfigurationOptions } from './first-configuration.ts'
import { SetupRoom } from './setup-room.ts'

interface SetupParts {
  readonly state: string
  readonly place: ConfigPlace
  readonly daemon: Pick<Daemon, 'store' | 'config'>
  readonly reload: FirstConfigurationOptions['reload']
  readonly log: Logger
}

export function openSetup({ state, place, daemon, reload, log }: SetupParts): SetupRoom {
  const config = () => daemon.config
  return new SetupRoom({
    ...{ stateDirectory: state, log, api: () => config().api },
    configuration: new FirstConfiguration({ place, config, reload, store: daemon.store, now: Date.now }),
    terminal: process.stderr.isTTY ? line => void process.stderr.write(`${line}\n`) : undefined,
  })
}
