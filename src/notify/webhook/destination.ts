// Services that are told by HTTP, and what each needs. Secrets are in here, and leave it in requests alone.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { spokenOfAlert } from '../notice/spoken.ts'
import type { Alert } from './alert.ts'
import { discordRequest } from './discord.ts'
import { genericRequest } from './generic.ts'
import { type OpsgenieTarget, opsgenieRequest } from './opsgenie.ts'
import { pagerdutyRequest } from './pagerduty.ts'
import { slackRequest } from './slack.ts'
import { teamsRequest } from './teams.ts'
import { type TelegramTarget, telegramRequest } from './telegram.ts'

interface Needs {
  readonly slack: { readonly url: string; readonly channel?: string | undefined }
  readonly discord: { readonly url: string }
  readonly teams: { readonly url: string }
  readonly telegram: TelegramTarget
  readonly pagerduty: { readonly routingKey: string; readonly url?: string | undefined }
  readonly opsgenie: OpsgenieTarget
  readonly generic: {
    readonly url: string
    readonly secret?: string | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
  }
}
type Type = keyof Needs
export type Service<Of extends Type = Type> = { [Each in Of]: { readonly type: Each } & Needs[Each] }[Of]

const REQUEST: { readonly [Each in Type]: (alert: Alert, to: Needs[Each]) => SafeRequest } = {
  slack: (alert, to) => slackRequest(spokenOfAlert(alert), to),
  discord: (alert, to) => discordRequest(spokenOfAlert(alert), to),
  teams: (alert, to) => teamsRequest(spokenOfAlert(alert), to),
  telegram: (alert, to) => telegramRequest(spokenOfAlert(alert), to),
  pagerduty: (alert, to) => pagerdutyRequest(spokenOfAlert(alert), to),
  opsgenie: (alert, to) => opsgenieRequest(spokenOfAlert(alert), to),
  generic: genericRequest,
}

/** What is sent to a service to tell it an alert in prefixd's words. */
export const requestFor = <Of extends Type>(alert: Alert, service: Service<Of>): SafeRequest =>
  REQUEST[service.type](alert, service)
