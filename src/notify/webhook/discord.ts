// Discord: a webhook with one embed. With `?wait=true` it answers with the message, which can be edited later.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { COLOURS, jsonPost } from './alert.ts'

/** Said by the colour, or for machines. */
const LEFT_OUT = new Set(['Severity', 'Event'])
const FIELDS_MAX = 25

const bodyOf = ({ title, text, level, facts, source, timestamp, link }: Spoken) => ({
  username: 'floodwarden',
  // What a message quotes mentions nobody.
  allowed_mentions: { parse: [] },
  embeds: [
    {
      ...{ title: title.slice(0, 256), description: text.slice(0, 4000) },
      ...(link === undefined ? {} : { url: link }),
      color: Number.parseInt(COLOURS[level], 16),
      fields: facts
        .filter(([name]) => !LEFT_OUT.has(name))
        .slice(0, FIELDS_MAX)
        .map(([name, value]) => ({ name, value: value.slice(0, 1024), inline: true })),
      ...{ footer: { text: source }, timestamp },
    },
  ],
})

export const discordRequest = (spoken: Spoken, to: { readonly url: string }): SafeRequest =>
  jsonPost(to.url, bodyOf(spoken))

/** The same, answered with the message it made. */
export const discordPost = (spoken: Spoken, { url }: { readonly url: string }): SafeRequest =>
  jsonPost(`${url}${url.includes('?') ? '&' : '?'}wait=true`, bodyOf(spoken))

export function discordEdit(spoken: Spoken, { url }: { readonly url: string }, message: string): SafeRequest {
  const [path = url, query] = url.split(/\?(.*)/s)
  const { username: _name, ...body } = bodyOf(spoken)
  const at = `${path.replace(/\/$/, '')}/messages/${encodeURIComponent(message)}`
  return { ...jsonPost(query ? `${at}?${query}` : at, body), method: 'PATCH' }
}
