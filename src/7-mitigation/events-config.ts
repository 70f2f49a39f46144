// Settings of reports by foreign detectors.

import { z } from 'zod'

export const eventsSchema = z
  .strictObject({
    strictDuplicates: z
      .boolean()
      .default(false)
      .describe(
        'A report whose name its source used before is refused for ever, as prefixd does it. false: only while what was done about it goes on.',
      ),
  })
  .describe('Reports of foreign detectors.')

export type EventsConfig = z.infer<typeof eventsSchema>
