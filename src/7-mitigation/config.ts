// Settings of mitigations: whether they are carried out, and how long they may live.

import { z } from 'zod'

export const mitigationSchema = z
  .strictObject({
    armed: z
      .boolean()
      .default(false)
      .describe('false: dry run. Everything is shown, nothing is carried out.'),
    maximumSeconds: z
      .int()
      .min(60)
      .max(31_536_000)
      .default(86_400)
      .describe('A mitigation ends after so long unless its attack is still open and renews it.'),
    onStop: z
      .enum(['keep', 'withdraw'])
      .default('keep')
      .describe(
        'When the daemon is stopped. keep: bans stay in place, and the next start goes on with them. withdraw: all of them are taken back.',
      ),
  })
  .describe('How decisions become actions.')

export type MitigationConfig = z.infer<typeof mitigationSchema>
