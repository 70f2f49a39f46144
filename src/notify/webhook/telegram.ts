// Telegram: sendMessage and editMessageText of the bot API, as HTML.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { jsonPost, type Severity } from './alert.ts'

const API = 'https://api.telegram.org'
/** Telegram refuses more. */
const TEXT_MAX = 4000
const CIRCLE: Readonly<Record<Severity, string>> = {
  info: '\u{1F7E2}',
  warning: '\u{1F7E0}',
  critical: '\u{1F534}',
}

export interface TelegramTarget {
  readonly botToken: string
  readonly chatId: string
  /** A server of one's own that speaks the same. */
  readonly url?: string | undefined
}

/** `answers`: the message it belongs to. */
export function telegramRequest(spoken: Spoken, to: TelegramTarget, answers?: string): SafeRequest {
  const message = answers === undefined ? undefined : Number(answers)
  const reply = { reply_parameters: { message_id: message, allow_sending_without_reply: true } }
  return call('sendMessage', to, { ...bodyOf(spoken, to), ...(message === undefined ? {} : reply) })
}

export const telegramEdit = (spoken: Spoken, to: TelegramTarget, message: string): SafeRequest =>
  call('editMessageText', to, { ...bodyOf(spoken, to), message_id: Number(message) })

function bodyOf({ title, text: words, level, facts, link }: Spoken, { chatId }: TelegramTarget) {
  const lines = [
    `${CIRCLE[level]} <b>${escaped(title)}</b>`,
    escaped(words, 2000),
    ...facts.map(([name, value]) => `<b>${name}:</b> ${escaped(value, 300)}`),
    ...(link === undefined ? [] : [`<a href="${escaped(link)}">Open in Floodwarden</a>`]),
  ]
  // Whole lines only: half of a tag would be refused.
  while (lines.length > 2 && lines.join('\n').length > TEXT_MAX) lines.pop()
  return { chat_id: chatId, text: lines.join('\n'), parse_mode: 'HTML', disable_web_page_preview: true }
}

function call(method: string, { botToken, url = API }: TelegramTarget, body: unknown): SafeRequest {
  // Half of a surrogate pair, which JSON may hold, makes the encoding throw.
  const token = encodeURIComponent(botToken.toWellFormed())
  return jsonPost(`${url}/bot${token}/${method}`, body)
}

const escaped = (value: string, characters = 1000): string =>
  value
    .slice(0, characters)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
