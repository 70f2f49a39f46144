// Examples of answers about who is told.

import type { DeadLetters, LettersDone, NotifyPreview, NotifyTested, NotifyView } from './notify.ts'

export const EXAMPLE_NOTIFICATIONS: NotifyView = {
  destinations: [
    {
      ...{ id: 'chat', name: 'chat', type: 'slack', origin: 'configuration', state: 'failing' },
      ...{ waiting: 2, sent: 41, lost: 1, deadLetters: 1 },
      ...{ lastSuccessAt: '2026-11-20T10:12:01.000Z', lastFailureAt: '2026-11-20T10:14:07.000Z' },
      ...{ lastError: 'hooks.slack.com: ETIMEDOUT', nextTryAt: '2026-11-20T10:14:11.000Z' },
      events: ['opened', 'escalated', 'updated', 'ended', 'refused', 'reloaded', 'trouble'],
    },
  ],
  routes: ['severity high and more: to pager, and on', 'everything: to chat'],
  ...{ groups: 1, deadLetters: 1, problems: [] },
}

export const EXAMPLE_TESTED: NotifyTested = {
  results: [{ destination: 'chat', type: 'slack', outcome: 'taken', milliseconds: 212 }],
}

export const EXAMPLE_NOTIFY_PREVIEW: NotifyPreview = {
  title: 'Attack on 10.99.1.1 (Acme)',
  text: 'incoming dns-amplification: 34.4 k packets/s, 410 Mbit/s.',
  ...{ form: 'json', body: '{\n  "text": "…"\n}', to: ['chat'] },
}

export const EXAMPLE_DEAD_LETTERS: DeadLetters = {
  deadLetters: [
    {
      ...{ id: '0mi7kq3l9-000001-9f3a', destination: 'chat', event: 'opened', tries: 0 },
      ...{ title: 'Attack on 10.99.1.1 (Acme)', why: 'refused', error: 'HTTP 404' },
      ...{ toldAt: '2026-11-20T10:11:49.533Z', givenUpAt: '2026-11-20T10:11:50.012Z' },
    },
  ],
  total: 1,
}

export const EXAMPLE_LETTERS_DONE: LettersDone = { done: 1, homeless: 0 }
