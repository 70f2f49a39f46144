// Whether the daemon does its work, for supervisors and load balancers. Answered with 503 when it does not.

import { z } from 'zod'

export const healthSchema = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string().describe('What is checked, such as capture or decision.'),
      ok: z.boolean(),
      detail: z.string(),
    }),
  ),
})

export type Health = z.infer<typeof healthSchema>
