// Microsoft Teams: a message with an Adaptive Card 1.4, for a workflow that posts what a webhook gets.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { jsonPost, type Severity } from './alert.ts'

const COLOUR: Readonly<Record<Severity, string>> = { critical: 'Attention', warning: 'Warning', info: 'Good' }

export function teamsRequest(spoken: Spoken, to: { readonly url: string }): SafeRequest {
  const { title, text, level, facts, reference, link } = spoken
  const rows = [...facts, ...(reference === undefined ? [] : [[`${reference[0]} ID`, reference[1]] as const])]
  const block = { type: 'TextBlock', wrap: true }
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    ...{ type: 'AdaptiveCard', version: '1.4' },
    body: [
      { ...block, text: plain(title), weight: 'Bolder', size: 'Medium', color: COLOUR[level] },
      { ...block, text: plain(text) },
      { type: 'FactSet', facts: rows.map(([name, value]) => ({ title: name, value: plain(value) })) },
    ],
    ...(link === undefined
      ? {}
      : { actions: [{ type: 'Action.OpenUrl', title: 'Open in Floodwarden', url: link }] }),
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return jsonPost(to.url, { type: 'message', attachments: [{ contentType, content }] })
}

/** Cards read Markdown: a link in a name or a report is shown as it is written. */
const plain = (value: string): string => value.replaceAll(/[[\]]/g, '\\$&')
