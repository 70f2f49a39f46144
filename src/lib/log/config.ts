// Settings of the log.

import { z } from 'zod'

export const logSchema = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least important messages that are written.'),
    format: z
      .enum(['auto', 'text', 'json'])
      .default('auto')
      .describe(
        'text: lines for people. json: one object per line. auto: text on a terminal, otherwise json.',
      ),
  })
  .describe('What the log says.')

export type LogConfig = z.infer<typeof logSchema>
