// Joins settings with the client of MITIGATOR and the driver that carries countermeasures out there.

import { MitigatorClient } from '#8-enforcement/mitigator/client.ts'
import { MitigatorDriver, type Tell } from '#8-enforcement/mitigator/driver.ts'
import { HoldsFile } from '#8-enforcement/mitigator/holds-file.ts'
import { SessionFile } from '#8-enforcement/mitigator/session-file.ts'
import type { MitigatorSettings } from './settings.ts'

export interface OpenMitigator {
  readonly client: MitigatorClient
  readonly keeper: HoldsFile
  readonly driver: MitigatorDriver
  readonly settings: MitigatorSettings
}

/** What is to be told before the time of the caller is over. */
const SPARE_MS = 500
const FIRST_PAUSE_MS = 250

/** `since`: when the time of the call began, on the clock of `performance.now()`. Says aloud when anybody is believed. */
export function openMitigator(
  settings: MitigatorSettings,
  tell: Tell,
  since: number,
): OpenMitigator | { readonly problem: string } {
  const keeper = HoldsFile.open(settings.folder, settings.origin, problem => tell('error', problem))
  if ('problem' in keeper) return keeper
  const { origin, username, password, trust, retries, policies, announces } = settings
  if (trust.kind === 'anybody')
    tell('warning', `the certificate of ${origin} is not checked (FLOODWARDEN_MITIGATOR_VERIFY=no)`)
  const endsAt = since + settings.totalSeconds * 1000 - SPARE_MS
  const times = { connectMs: settings.connectSeconds * 1000, requestMs: settings.requestSeconds * 1000 }
  const server = { origin, username, password, trust, retries, endsAt, pauseMs: FIRST_PAUSE_MS, ...times }
  const client = new MitigatorClient(server, new SessionFile(keeper.sessionPath))
  const holdMs = settings.holdMinutes * 60_000
  const driver = new MitigatorDriver({
    ...{ client, keeper, policies, announces, holdMs, endsAt, tell },
    now: Date.now,
  })
  return { client, keeper, driver, settings }
}
