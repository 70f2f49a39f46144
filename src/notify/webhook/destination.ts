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

export type Service =
  | { readonly type: 'slack'; readonly url: string; readonly channel?: string | undefined }
  | { readonly type: 'discord' | 'teams'; readonly url: string }
  | { readonly type: 'telegram'; readonly botToken: string; readonly chatId: string }
  | { readonly type: 'pagerduty'; readonly routingKey: string; readonly url?: string | undefined }
  | { readonly type: 'opsgenie'; readonly apiKey: string; readonly region: 'us' | 'eu' }
  | {
      readonly type: 'generic'
      readonly url: string
      readonly secret?: string | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
    }

export interface Destination {
  /** Stays the same when its settings change. */
  readonly id: string
  /** For people; holds no secret. */
  readonly name: string
  readonly service: Service
  /** Only these; empty: all. */
  readonly events: readonly AlertEvent[]
}

export function requestFor(alert: Alert, service: Service): SafeRequest {
  switch (service.type) {
    case 'slack':
      return slackRequest(alert, service)
    case 'discord':
      return discordRequest(alert, service)
    case 'teams':
      return teamsRequest(alert, service)
    case 'telegram':
      return telegramRequest(alert, service)
    case 'pagerduty':
      return pagerdutyRequest(alert, service)
    case 'opsgenie':
      return opsgenieRequest(alert, service)
    case 'generic':
      return genericRequest(alert, service)
  }
}
