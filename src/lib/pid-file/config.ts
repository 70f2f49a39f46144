// Settings of the process itself.

import { z } from 'zod'

export const processSchema = z
  .strictObject({
    pidFile: z
      .string()
      .regex(/^(\/|off$)/, { error: 'expected a path that begins with /, or off' })
      .default('off')
      .describe(
        'File that holds our process number while we run, for supervisors that want one, or off. It is not what keeps a second daemon out: the lock on the state directory is.',
      )
      .meta({ examples: ['/run/floodwarden.pid'] }),
  })
  .describe('The process itself.')

export type ProcessConfig = z.infer<typeof processSchema>
