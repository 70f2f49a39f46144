// Destinations of the configuration with their secrets, ready to be told. They leave it in requests alone.

export type NoticeService =
  | { readonly type: 'slack'; readonly url: string; readonly channel: string | undefined }
  | {
      readonly type: 'slack-bot'
      readonly botToken: string
      readonly channel: string
      readonly url: string | undefined
    }
  | { readonly type: 'discord' | 'teams'; readonly url: string }
  | {
      readonly type: 'telegram'
      readonly botToken: string
      readonly chatId: string
      readonly url: string | undefined
    }
  | { readonly type: 'pagerduty'; readonly routingKey: string; readonly url: string | undefined }
  | {
      readonly type: 'opsgenie'
      readonly apiKey: string
      readonly region: 'us' | 'eu'
      readonly url: string | undefined
    }
  | {
      readonly type: 'generic'
      readonly url: string
      readonly secret: string | undefined
      readonly headers: Readonly<Record<string, string>>
    }
