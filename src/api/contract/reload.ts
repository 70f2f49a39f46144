// Reading the configuration again while the daemon runs.

import { z } from 'zod'
import { count, moment } from './values.ts'

export const reloadSchema = z.object({
  at: moment,
  changed: z.array(z.string()).describe('Settings that are otherwise from now on.'),
  overruled: z
    .array(z.string())
    .describe(
      'Settings of the file that are not in force, because others were set over the API; each with the way back.',
    ),
  needsRestart: z
    .array(z.string())
    .describe(
      'Settings of the file that stay as they were until the daemon is restarted, each with the reason.',
    ),
  endedBans: count.describe('Bans that ended because the configuration has no place for them any more.'),
  problems: z.array(z.string()).describe('Warnings and notices about the file, as check tells them.'),
})

export type Reload = z.infer<typeof reloadSchema>
