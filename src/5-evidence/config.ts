// Settings of evidence: how much of an attack is kept and shown.

import { z } from 'zod'

export const evidenceSchema = z
  .strictObject({
    packets: z
      .int()
      .min(0)
      .max(10_000)
      .default(20)
      .describe('Packets collected for each attack. 0: counters only.'),
    collectSeconds: z
      .number()
      .min(0.1)
      .max(120)
      .default(5)
      .describe('Collecting stops after so long, with what there is.'),
  })
  .describe('What is kept to prove an attack.')

export type EvidenceConfig = z.infer<typeof evidenceSchema>
