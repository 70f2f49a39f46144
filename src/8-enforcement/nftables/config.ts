// Settings of nftables as an enforcer: where on this machine packets are judged, and how often what is in place is looked at.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'
import { HOOKS, PLACE } from './place.ts'

export const nftablesSchema = z
  .strictObject({
    hook: z
      .enum(HOOKS)
      .default(PLACE.hook)
      .describe(
        'Where packets are judged. prerouting: whatever arrives; forward: what this machine passes on; ingress: before everything else, at the devices named.',
      ),
    devices: z
      .array(z.string().min(1).max(15))
      .max(64)
      .default([])
      .describe('Interfaces whose packets are judged. Empty: all; ingress needs at least one.')
      .meta({ examples: [['eth0']] }),
    managementPrefixes: z
      .array(prefixText)
      .max(1000)
      .default([])
      .describe('What comes from here or goes there is never touched, beside policy.managementPrefixes.')
      .meta({ examples: [['198.51.100.0/28']] }),
    sourcesMax: z
      .int()
      .min(1)
      .max(4_194_304)
      .default(PLACE.sourcesMax)
      .describe('Sources that each list has room for.'),
    maySetKernel: z
      .boolean()
      .default(false)
      .describe(
        'Whether settings of the kernel that a SYN proxy needs may be set; they are put back afterwards.',
      ),
    followsConnections: z
      .boolean()
      .default(true)
      .describe(
        'Whether connections are followed while a profile with a SYN proxy is off, so that those that are open survive its switching on. false: nothing of ours is in the kernel while nothing is on.',
      ),
    checkSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(10)
      .describe(
        'So often what is in place is compared with what is desired, and put right; elements of lists once a minute.',
      ),
    program: z.string().min(1).max(4096).default('nft').describe('The program nft.'),
  })
  .describe('Protection on this machine.')

export type NftablesConfig = z.infer<typeof nftablesSchema>
