// Who is told of alerts: the services and what each needs. Secrets are in here, and leave it in requests alone.

import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Alert } from './alert.ts'
import { discordRequest } from './discord.ts'
import { genericRequest } from './generic.ts'
import { opsgenieRequest } from './opsgenie.ts'
import { pagerdutyRequest } from './pagerduty.ts'
import { slackRequest } from './slack.ts'
import { teamsRequest } from './teams.ts'
import { telegramRequest } from './telegram.ts'

interface Needs {
  readonly slack: { readonly url: string; readonly channel?: string | undefined }
  readonly discord: { readonly url: string }
  readonly teams: { readonly url: string }
  readonly telegram: { readonly botToken: string; readonly chatId: string }
  readonly pagerduty: { readonly routingKey: string; readonly url?: string | undefined }
  readonly opsgenie: { readonly apiKey: string; readonly region: 'us' | 'eu' }
  readonly generic: {
    readonly url: string
    readonly secret?: string | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
  }
}
type Type = keyof Needs
export type Service<Of extends Type = Type> = { [Each in Of]: { readonly type: Each } & Needs[Each] }[Of]

export interface Destination {
  /** Stays the same when its settings change. */
  readonly id: string
  /** For people; holds no secret. */
  readonly name: string
  readonly service: Service
  /** Only these; empty: all. */
  readonly events: readonly AlertEvent[]
}

const REQUEST: { readonly [Each in Type]: (alert: Alert, to: Needs[Each]) => SafeRequest } = {
  slack: slackRequest,
  discord: discordRequest,
  teams: teamsRequest,
  telegram: telegramRequest,
  pagerduty: pagerdutyRequest,
  opsgenie: opsgenieRequest,
  generic: genericRequest,
}

/** What is sent to a service to tell it an alert. */
export const requestFor = <Of extends Type>(alert: Alert, service: Service<Of>): SafeRequest =>
  REQUEST[service.type](alert, service)
