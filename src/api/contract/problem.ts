// How the API says no: problem details (RFC 9457) with a stable code and what to do.

import { z } from 'zod'

export const PROBLEM_TYPE = 'application/problem+json'

export const problemSchema = z.object({
  type: z.string().describe('urn:floodwarden:error: and the code.'),
  title: z.string().describe('What happened.'),
  status: z.number().int(),
  code: z.string().describe('Stable; programs decide by it.'),
  detail: z.string().optional().describe('What happened this time.'),
  means: z.string().describe('What it means for traffic and detection.'),
  do: z.string().describe('What to do.'),
  errors: z
    .array(z.object({ at: z.string(), problem: z.string() }))
    .optional()
    .describe('Which fields of the request are wrong.'),
})

export type Problem = z.infer<typeof problemSchema>
