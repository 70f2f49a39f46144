// Discord: a webhook with one embed.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, COLOURS, facts, jsonPost } from './alert.ts'

const FIELDS = new Set(['Victim IP', 'Vector', 'Action', 'Customer', 'POP'])

export const discordRequest = (alert: Alert, to: { readonly url: string }): SafeRequest =>
  jsonPost(to.url, {
    username: 'floodwarden',
    // What a message quotes mentions nobody.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        ...{ title: alert.title.slice(0, 256), description: alert.message.slice(0, 4000) },
        color: Number.parseInt(COLOURS[alert.severity], 16),
        fields: facts(alert)
          .filter(([name]) => FIELDS.has(name))
          .map(([name, value]) => ({ name, value: value.slice(0, 1024), inline: true })),
        ...{ footer: { text: alert.source }, timestamp: alert.timestamp },
      },
    ],
  })
