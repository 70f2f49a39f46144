// Settings of messages that wait.

import { z } from 'zod'

export const queueSchema = z
  .strictObject({
    waitingMax: z
      .int()
      .min(1)
      .max(10_000)
      .default(1000)
      .describe('Messages that may wait for one destination; of more the oldest become dead letters.'),
    giveUpHours: z
      .number()
      .min(0.1)
      .max(720)
      .default(24)
      .describe('A message that was tried for so long becomes a dead letter.'),
    deadLettersMax: z
      .int()
      .min(1)
      .max(10_000)
      .default(1000)
      .describe('Dead letters that are kept for you to send again; the oldest of more are gone.'),
  })
  .describe('Messages that wait for their destination.')

export type QueueConfig = z.output<typeof queueSchema>
