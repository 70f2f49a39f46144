// Slack: an incoming webhook with Block Kit.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, facts, jsonPost } from './alert.ts'

export function slackRequest(
  alert: Alert,
  to: { readonly url: string; readonly channel?: string | undefined },
): SafeRequest {
  const text = (value: string) => ({ type: 'mrkdwn', text: escaped(value) })
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: alert.title.slice(0, 150) } },
    { type: 'section', text: text(alert.message) },
    {
      type: 'section',
      fields: facts(alert).map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}:* ${escaped(value)}` })),
    },
    { type: 'context', elements: [text(`${alert.source} | ${alert.timestamp}`)] },
    ...(alert.mitigation_id === undefined
      ? []
      : [{ type: 'context', elements: [text(`Mitigation: ${alert.mitigation_id}`)] }]),
  ]
  return jsonPost(to.url, {
    ...{ text: `${alert.title}: ${escaped(alert.message)}`, blocks },
    ...(to.channel ? { channel: to.channel } : {}),
  })
}

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').slice(0, 2900)
