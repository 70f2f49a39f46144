// The course of an attack: how fast it was over time, what happened when, and what its packets have in common.

import { z } from 'zod'
import { attackSchema } from './attack.ts'
import { count, moment, speed } from './values.ts'

const column = z.array(speed.nullable()).describe('One number a point; null: not measured.')
const columns = z.object({
  packets: column,
  bits: column,
  flows: column,
  crossed: column.optional().describe('What the crossing is about, in the unit of its limit.'),
})

export const courseSpeedsSchema = z
  .object({
    from: moment.describe('Of the first point.'),
    stepSeconds: count.describe('Grows as the attack does: there are at most 240 points.'),
    points: count,
    average: columns.describe('Over each step, per second, in the direction of the attack.'),
    highest: columns.describe('The highest second of each step.'),
  })
  .describe('How fast it was.')

const row = z.object({
  value: z.string().describe('An address, a port, a name, or a range of lengths in bytes.'),
  share: z.number().min(0).max(1).describe('Of the packets that tell of it, by what each stands for.'),
  packets: count,
})
const tally = z.object({
  distinct: count.describe('Different values.'),
  packets: count.describe('Packets that tell of it: a later fragment has no ports.'),
  top: z.array(row).describe('The first ten; lengths in their order, others the commonest first.'),
})

export const talliesSchema = z
  .object({
    packets: count.describe('Packets that were looked at.'),
    of: z.object({
      ...{ sources: tally, targets: tally, protocols: tally, sourcePorts: tally, targetPorts: tally },
      ...{ lengths: tally, tcpFlags: tally, fragments: tally },
    }),
  })
  .describe('What its packets have in common.')

export const MOMENT_KINDS = [
  ...(['opened', 'evidence', 'named', 'decided', 'proposed', 'mitigation', 'ordered', 'ended'] as const),
] as const

export const courseMomentSchema = z.object({
  at: moment,
  kind: z.enum(MOMENT_KINDS),
  text: z.string().describe('What happened, in one sentence.'),
  by: z.string().optional().describe('As the audit calls whoever did it; missing: the program.'),
  mitigationId: z.string().optional().describe('Of the kind mitigation.'),
})

export const courseSchema = z.object({
  attack: attackSchema,
  speeds: courseSpeedsSchema
    .optional()
    .describe('Missing: it was reported by others, or is from before a restart.'),
  limits: z
    .array(
      z.object({
        limit: z.string().describe('Name of the limit, such as packets or udp-packets.'),
        threshold: speed,
      }),
    )
    .describe('Those that held for the host in the direction of the attack when it opened.'),
  moments: z.array(courseMomentSchema).describe('Oldest first, at most 200.'),
  momentsLeftOut: count.describe('Further ones that were not kept.'),
  isWhole: z
    .boolean()
    .describe('False: it began before the daemon did, and of that time only what was decided is known.'),
  tallies: talliesSchema.optional().describe('Missing: too few packets were seen.'),
})

export type Course = z.infer<typeof courseSchema>
export type CourseMoment = z.infer<typeof courseMomentSchema>
export type CourseSpeeds = z.infer<typeof courseSpeedsSchema>
