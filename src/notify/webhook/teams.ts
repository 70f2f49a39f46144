// Microsoft Teams: a message with an Adaptive Card 1.4.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, facts, jsonPost, type Severity } from './alert.ts'

const COLOUR: Readonly<Record<Severity, string>> = { critical: 'Attention', warning: 'Warning', info: 'Good' }

export function teamsRequest(alert: Alert, to: { readonly url: string }): SafeRequest {
  const rows = [
    ...facts(alert),
    ...(alert.mitigation_id === undefined ? [] : [['Mitigation ID', alert.mitigation_id] as const]),
  ]
  const block = { type: 'TextBlock', wrap: true }
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    ...{ type: 'AdaptiveCard', version: '1.4' },
    body: [
      { ...block, text: alert.title, weight: 'Bolder', size: 'Medium', color: COLOUR[alert.severity] },
      { ...block, text: alert.message },
      { type: 'FactSet', facts: rows.map(([title, value]) => ({ title, value })) },
    ],
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return jsonPost(to.url, { type: 'message', attachments: [{ contentType, content }] })
}
