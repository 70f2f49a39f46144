// What mails about attacks count.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

export const METRICS = [
  { name: 'floodwarden_mails_taken_total', kind: 'counter', help: 'Mails a server has taken.' },
  {
    name: 'floodwarden_mails_tried_again_total',
    kind: 'counter',
    help: 'Tries after which a mail went on waiting.',
  },
  {
    name: 'floodwarden_mails_lost_total',
    kind: 'counter',
    help: 'Mails nobody will get: refused by the server for ever, dropped at the bound or for their age, or unreadable on the disk.',
    labels: ['why'],
  },
  {
    name: 'floodwarden_mails_joined_total',
    kind: 'counter',
    help: 'Mails that were told as a line of a summary, because too many were due in a minute.',
  },
  {
    name: 'floodwarden_mails_unsaved_total',
    kind: 'counter',
    help: 'Mails that waited in memory only, because the disk refused them.',
  },
  { name: 'floodwarden_mails_waiting', kind: 'gauge', help: 'Mails that wait for the server.' },
] as const satisfies readonly MetricDeclaration[]
