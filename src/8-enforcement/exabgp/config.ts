// Settings of the ExaBGP pipe.

import { z } from 'zod'
import { announcementSettings, deadlineSeconds } from '../bgp/config.ts'

export const exabgpSchema = z
  .strictObject({
    pipe: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path' })
      .optional()
      .describe(
        'Named pipe (FIFO) from which a process of ExaBGP takes its commands. Missing: ExaBGP is not used.',
      )
      .meta({ examples: ['/var/run/exabgp.cmd'] }),
    ...announcementSettings,
    deadlineSeconds,
    refreshSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(10)
      .describe(
        'All routes that are wanted are written again so often, because ExaBGP cannot be asked what it holds. 0: only when the pipe had no reader for a while or is a new one.',
      ),
  })
  .describe('Announcements by ExaBGP, through a named pipe.')

export type ExabgpConfig = z.infer<typeof exabgpSchema>
