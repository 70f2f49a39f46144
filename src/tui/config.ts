// Settings of the traffic screen: what it shows before somebody presses a key.

import { z } from 'zod'

export const screenSchema = z
  .strictObject({
    sort: z
      .enum(['packets', 'bytes', 'flows'])
      .default('packets')
      .describe('What the lists of hosts are sorted by.'),
    rows: z.int().min(1).max(1000).default(7).describe('Hosts in each list.'),
    redrawSeconds: z.number().min(0.1).max(60).default(1).describe('The screen is drawn anew after so long.'),
  })
  .describe('The traffic screen (top).')

export type ScreenConfig = z.infer<typeof screenSchema>
