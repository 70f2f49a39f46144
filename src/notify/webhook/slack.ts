// Slack: an incoming webhook with Block Kit; or, with the token of a bot, messages that are edited and answered in a thread.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { jsonPost } from './alert.ts'

const API = 'https://slack.com/api'
/** Of a section; Slack refuses more. */
const FIELDS_MAX = 10

function bodyOf(spoken: Spoken) {
  const { title, text: words, facts, source, timestamp, reference, link } = spoken
  const text = (value: string) => ({ type: 'mrkdwn', text: escaped(value) })
  const rows = facts.slice(0, FIELDS_MAX)
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
    { type: 'section', text: text(words) },
    {
      type: 'section',
      fields: rows.map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}:* ${escaped(value, 1900)}` })),
    },
    { type: 'context', elements: [text(`${source} | ${timestamp}`)] },
    ...(reference === undefined ? [] : [{ type: 'context', elements: [text(reference.join(': '))] }]),
    ...(link === undefined
      ? []
      : [
          { type: 'context', elements: [{ type: 'mrkdwn', text: `<${escaped(link)}|Open in Floodwarden>` }] },
        ]),
  ]
  return { text: `${escaped(title)}: ${escaped(words)}`, blocks }
}

export const slackRequest = (
  spoken: Spoken,
  to: { readonly url: string; readonly channel?: string | undefined },
): SafeRequest => jsonPost(to.url, { ...bodyOf(spoken), ...(to.channel ? { channel: to.channel } : {}) })

export interface SlackBot {
  readonly botToken: string
  readonly channel: string
  /** A server that speaks the same. */
  readonly url?: string | undefined
}

/** `thread`: the message it answers, as `channel ts`. */
export function slackPost(spoken: Spoken, to: SlackBot, thread?: string): SafeRequest {
  const [, ts] = thread?.split(' ') ?? []
  const body = { ...bodyOf(spoken), channel: to.channel, unfurl_links: false }
  return call('chat.postMessage', to, ts === undefined ? body : { ...body, thread_ts: ts })
}

export function slackEdit(spoken: Spoken, to: SlackBot, thread: string): SafeRequest {
  const [channel, ts] = thread.split(' ')
  return call('chat.update', to, { ...bodyOf(spoken), channel, ts })
}

const call = (method: string, { botToken, url = API }: SlackBot, body: unknown): SafeRequest =>
  jsonPost(`${url}/${method}`, body, {
    ...{ 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${botToken}` },
  })

const escaped = (value: string, characters = 2900): string =>
  value
    .slice(0, characters)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .slice(0, 2990)
