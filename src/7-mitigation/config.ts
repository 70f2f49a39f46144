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
      .describe(
        'No mitigation lives longer: it is taken back then, and an attack that is still open is decided about anew. Only a ban that lasts until somebody ends it renews what is done for it.',
      ),
    holdDownSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(0)
      .describe(
        'When an attack is over, routes and rules stay so much longer, in case the flood comes back as soon as they go. Scripts are called at once.',
      ),
    onStop: z
      .enum(['keep', 'withdraw'])
      .default('keep')
      .describe(
        'When the daemon is stopped. keep: bans stay in place, and the next start goes on with them. withdraw: all of them are taken back.',
      ),
  })
  .describe('How decisions become actions.')

export type MitigationConfig = z.infer<typeof mitigationSchema>
