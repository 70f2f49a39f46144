// Telegram: sendMessage of the bot API, as HTML.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, facts, jsonPost, type Severity } from './alert.ts'

const CIRCLE: Readonly<Record<Severity, string>> = {
  info: '\u{1F7E2}',
  warning: '\u{1F7E0}',
  critical: '\u{1F534}',
}

export function telegramRequest(
  alert: Alert,
  to: { readonly botToken: string; readonly chatId: string },
): SafeRequest {
  const rows = facts(alert).map(([name, value]) => `<b>${name}:</b> ${escaped(value)}`)
  const text = [
    `${CIRCLE[alert.severity]} <b>${escaped(alert.title)}</b>`,
    escaped(alert.message),
    ...rows,
  ].join('\n')
  // Half of a surrogate pair, which JSON may hold, makes the encoding throw.
  const token = encodeURIComponent(to.botToken.toWellFormed())
  return jsonPost(`https://api.telegram.org/bot${token}/sendMessage`, {
    ...{ chat_id: to.chatId, text, parse_mode: 'HTML', disable_web_page_preview: true },
  })
}

const escaped = (value: string): string =>
  value.slice(0, 1000).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
