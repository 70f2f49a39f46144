// Settings of what is told together.

import { z } from 'zod'

export const groupingSchema = z
  .strictObject({
    by: z
      .array(z.enum(['network', 'hostgroup', 'vector', 'severity']))
      .max(4)
      .default(['network'])
      .describe(
        'What attacks that are told together have in common, beside customer and direction, which they always have.',
      ),
    waitSeconds: z
      .number()
      .min(0)
      .max(300)
      .default(2)
      .describe('How long the first notice waits for attacks that belong to it.'),
    joinSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(60)
      .describe('An attack joins others for so long after the last one that did. 0: each is told by itself.'),
    updateSeconds: z
      .number()
      .min(1)
      .max(86_400)
      .default(30)
      .describe('The shortest pause between two updates; it doubles with each, up to 16 times.'),
  })
  .describe('Attacks that are told together: one message with updates.')

export type GroupingConfig = z.output<typeof groupingSchema>
