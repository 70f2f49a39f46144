// Routes of words for people: destinations, tests, and what nobody has taken.

import {
  deadLettersInput,
  deadLettersSchema,
  lettersDoneSchema,
  lettersInput,
  notifyPreviewInput,
  notifyPreviewSchema,
  notifySchema,
  notifyTestedSchema,
  notifyTestInput,
} from './notify.ts'
import { get, type Route, write } from './route.ts'
import { nothing } from './values.ts'

export const NOTIFY_ROUTES = {
  notifications: get('/notify', 'Who is told of attacks, and how each fares.', nothing, notifySchema),
  testNotifications: write(
    'POST',
    '/notify/test',
    'Sends a test message to one destination or to all.',
    notifyTestInput,
    notifyTestedSchema,
  ),
  previewNotification: write(
    'POST',
    '/notify/preview',
    'What a destination would be told. Nothing is sent.',
    notifyPreviewInput,
    notifyPreviewSchema,
  ),
  deadLetters: get(
    '/notify/dead-letters',
    'Messages that nobody has taken, the newest first.',
    deadLettersInput,
    deadLettersSchema,
  ),
  resendDeadLetters: write(
    'POST',
    '/notify/dead-letters/resend',
    'Sends dead letters again.',
    lettersInput,
    lettersDoneSchema,
  ),
  discardDeadLetters: write(
    'POST',
    '/notify/dead-letters/discard',
    'Forgets dead letters.',
    lettersInput,
    lettersDoneSchema,
  ),
} as const satisfies Record<string, Route>
