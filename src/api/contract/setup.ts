// The first run: a link that works once makes the first admin, who then says what is watched and by which limits.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'
import { reloadSchema } from './reload.ts'
import { userInput } from './users.ts'
import { count, targetInput } from './values.ts'

export const setupSchema = z.object({
  isOpen: z
    .boolean()
    .describe(
      'Whether a set-up link waits to be used: nobody can log in as admin yet. The log says where it is.',
    ),
})

export const setupLinkInput = z.strictObject({
  token: z.string().min(1).max(128).describe('What stands behind # in the set-up link.'),
  name: userInput.shape.name,
  password: userInput.shape.password,
})

const limit = z.number().positive().max(1e12)

export const setupThresholdsSchema = z.strictObject({
  packetsPerSecond: limit.optional(),
  megabitsPerSecond: limit.optional(),
  flowsPerSecond: limit.optional(),
})

export const setupFactsSchema = z.object({
  file: z.string().describe('Where it is written.'),
  problem: z.string().optional().describe('Why it cannot be written here; missing: it can.'),
  networks: z.array(z.string()).describe('What is watched now.'),
  areOwn: z.boolean().describe('true: nothing is written, so the addresses of this machine are watched.'),
  interfaces: z.array(z.string()).describe('What this machine has.'),
  captured: z.array(z.string()).describe('Interfaces that are captured on now.'),
  telemetry: z.array(z.string()).describe('Where flow telemetry is heard now.'),
  thresholds: setupThresholdsSchema.describe('Limits of each host on incoming traffic now.'),
  banSeconds: count,
})

/** What is missing stays as it is. */
export const setupInput = z.strictObject({
  networks: z.array(targetInput).min(1).max(4096).optional().describe('Prefixes and addresses to watch.'),
  interfaces: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_.:-]{1,15}$/, { error: 'expected the name of an interface such as eth1' }),
    )
    .max(64)
    .optional()
    .describe('Interfaces that get a mirror of the traffic.'),
  telemetry: z
    .array(
      z.string().refine(text => parseListenAddress(text) !== undefined, {
        error: 'expected ADDRESS:PORT such as 0.0.0.0:6343',
      }),
    )
    .max(16)
    .optional()
    .describe('Where routers send sFlow, NetFlow or IPFIX.'),
  thresholds: setupThresholdsSchema.optional().describe('Limits of each host on incoming traffic.'),
})

export const setupWrittenSchema = z.object({
  file: z.string(),
  backup: z.string().optional().describe('The file as it was before. Missing: there was none.'),
  reload: reloadSchema.optional().describe('What came of it. Missing: nothing was otherwise than before.'),
})

export type SetupLinkRequest = z.infer<typeof setupLinkInput>
export type SetupFacts = z.infer<typeof setupFactsSchema>
export type SetupRequest = z.infer<typeof setupInput>
export type SetupWritten = z.infer<typeof setupWrittenSchema>
