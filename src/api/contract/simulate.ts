// Simulation: what would be decided about an attack, past or made up, from second to second. Nothing is touched.

import { z } from 'zod'
import { count, host, hostInput } from './values.ts'

const name = z.string().min(1).max(128)

export const madeUpInput = z
  .strictObject({
    host: hostInput,
    direction: z.enum(['incoming', 'outgoing']).default('incoming'),
    vector: name
      .default('unknown')
      .describe('The name of a vector such as dns-amplification, or a type such as udp_flood.'),
    packetsPerSecond: z.number().min(1).max(1e12).default(100_000),
    bitsPerSecond: z.number().min(1).max(1e15).optional().describe('Missing: 512 bytes a packet.'),
    confidence: z.number().min(0).max(1).default(1).describe('How surely it is what it seems.'),
    limitPacketsPerSecond: z
      .number()
      .min(1)
      .max(1e12)
      .default(20_000)
      .describe('The limit it went over; how far it did is its severity.'),
    hostgroup: name.default('global'),
  })
  .describe('An attack that never was.')

export const simulateInput = z.strictObject({
  attackId: z.string().min(1).max(64).optional().describe('An attack that is remembered, open or over.'),
  madeUp: madeUpInput.optional().describe('In place of one that was.'),
  playbook: name.optional().describe('Only this playbook is asked. Missing: as configured.'),
  seconds: z.int().min(0).max(86_400).default(600).describe('So long it is followed.'),
  calmAfterSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe('Its traffic ends after so long. Missing: not meanwhile.'),
})

export const simulationSchema = z.object({
  host,
  attack: z.string().describe('The attack in one sentence.'),
  moments: z
    .array(
      z.object({
        atSeconds: count.describe('Since it opened.'),
        kind: z.enum(['act', 'dry-run', 'refused', 'nothing']),
        playbook: z.string().optional().describe('Missing: the built-in one answers, or none.'),
        step: z.string().optional(),
        ttlSeconds: count.optional(),
        actions: z.array(z.string()).describe('What would be held from then on.'),
        text: z.string().describe('The decision in one sentence, with its reasons and refusals.'),
      }),
    )
    .describe('The first moment, and each at which something else is wanted.'),
  rails: z
    .array(z.object({ rail: z.string(), allowed: z.boolean(), reason: z.string() }))
    .describe('What the guardrails say about acting for the host at all.'),
})

export type MadeUp = z.infer<typeof madeUpInput>
export type SimulateRequest = z.infer<typeof simulateInput>
export type Simulation = z.infer<typeof simulationSchema>
