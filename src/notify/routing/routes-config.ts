// Settings of which notices go where.

import { z } from 'zod'
import { SEVERITIES } from '#6-policy/severity.ts'
import { TOLD_KINDS } from '../notice/notice.ts'

const names = (what: string, example: string) =>
  z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(1024)
    .optional()
    .describe(what)
    .meta({ examples: [[example]] })

export const ROUTES_MAX = 256

export const routeSchema = z.strictObject({
  severity: z
    .enum(SEVERITIES)
    .optional()
    .describe('So severe or more: low, medium, high or critical.')
    .meta({ examples: ['high'] }),
  customers: names('Ids of customers of the inventory.', 'acme'),
  networks: names('Prefixes: what is attacked lies within one of them.', '192.0.2.0/24'),
  hostgroups: names('Names of hostgroups.', 'caches'),
  vectors: names('What kinds of attack; dns-* stands for all that begin so.', 'dns-amplification'),
  directions: z
    .array(z.enum(['incoming', 'outgoing', 'other']))
    .min(1)
    .max(3)
    .optional()
    .describe('Of the traffic.')
    .meta({ examples: [['outgoing']] }),
  events: z
    .array(z.enum(TOLD_KINDS))
    .min(1)
    .max(TOLD_KINDS.length)
    .optional()
    .describe('Only these: opened, escalated, updated, ended, refused, reloaded or trouble.')
    .meta({ examples: [['opened', 'ended']] }),
  to: z
    .array(z.string().min(1).max(64))
    .max(64)
    .describe('Names of destinations; an empty list: nobody is told.')
    .meta({ examples: [['pager']] }),
  continue: z
    .boolean()
    .default(false)
    .describe('Whether the next routes are asked too. Otherwise the first that fits is the only one.'),
})

export const routesSchema = z
  .array(routeSchema)
  .max(ROUTES_MAX)
  .default([])
  .describe(
    'Which notice goes where: the first that fits. Without any all destinations are told; what fits none is told to nobody.',
  )
  .meta({ examples: [[{ severity: 'high', to: ['pager'], continue: true }, { to: ['chat'] }]] })

export type RouteConfig = z.output<typeof routeSchema>
