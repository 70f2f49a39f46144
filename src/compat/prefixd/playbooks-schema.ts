// What prefixd's playbooks.yaml may hold. Numbers have no bounds here: those are told in prefixd's own words.

import { z } from 'zod'

export const PREFIXD_VECTORS = ['udp_flood', 'syn_flood', 'ack_flood', 'icmp_flood', 'unknown'] as const
export type PrefixdVector = (typeof PREFIXD_VECTORS)[number]

const ignored = z.unknown().optional()

const step = z.strictObject({
  action: z.enum(['police', 'discard']).describe('What is done.'),
  rate_bps: z.number().nullish().describe('police: bits that pass in a second.'),
  ttl_seconds: z.int().min(0).describe('How long it lasts; 0: the default.'),
  require_confidence_at_least: z.number().nullish().describe('So sure it must be.'),
  require_persistence_seconds: z.int().min(0).nullish().describe('So long it must have lasted.'),
})

const playbook = z.strictObject({
  name: z.string().describe('The playbook is known by this name.'),
  match: z
    .strictObject({
      vector: z.enum(PREFIXD_VECTORS).describe('What the attack is.'),
      require_top_ports: z.boolean().default(false).describe('Only when ports are known.'),
      source: ignored.describe('Read by nothing.'),
      protocol: ignored.describe('Read by nothing.'),
    })
    .describe('Which events it answers.'),
  steps: z.array(step).describe('What is done, one after the other.'),
  correlation: z
    .strictObject({
      min_sources: z.int().min(0).nullish().describe('Detectors that must agree.'),
      confidence_threshold: z.number().min(0).max(1).nullish().describe('How sure they must be.'),
      confidence_decay_half_life_seconds: z.int().min(0).nullish().describe('How fast events grow old.'),
    })
    .optional()
    .describe('How events are joined for it.'),
})

export const prefixdPlaybooksSchema = z.strictObject({
  playbooks: z.array(playbook).describe('The first that fits answers.'),
  default_playbook: ignored.describe('Read by nothing.'),
})

export type PrefixdPlaybooks = z.infer<typeof prefixdPlaybooksSchema>
export type PrefixdPlaybook = PrefixdPlaybooks['playbooks'][number]
export type PrefixdStep = PrefixdPlaybook['steps'][number]
