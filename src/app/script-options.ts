// The notify script's options from the configuration: the same for the daemon, a replay and a trial.

import type { NotifyScriptOptions } from '#8-enforcement/notify-script/driver.ts'
import { localTime } from '#8-enforcement/notify-script/local-time.ts'
import type { ResolvedConfig } from './config/config.ts'

export function scriptOptionsOf(
  config: ResolvedConfig,
  env: NotifyScriptOptions['env'],
): NotifyScriptOptions {
  const { timeoutSeconds, parallel, queueMax, passDetails, addressForm, report } =
    config.enforcement.notifyScript
  const style = { recordCount: config.evidence.packets, addressForm, localTime, report }
  const packetsWaitMs = (config.evidence.collectSeconds + LATE_SECONDS) * 1000
  return { timeoutSeconds, parallel, queueMax, passDetails, style, env, packetsWaitMs }
}

/** Packets of an attack come a little after collecting has ended. */
const LATE_SECONDS = 2
