// Settings of the GoBGP client.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'
import { announcementSettings, communityText, deadlineSeconds } from '../bgp/config.ts'

/** The first AS for private use of 32 bits (RFC 6996), then the letters FW; the last number is for the operator. */
export const DEFAULT_MARK = '4200000000:18007:1'

export const gobgpSchema = z
  .strictObject({
    address: z
      .string()
      .refine(text => (parseListenAddress(text)?.port ?? 0) > 0, {
        error: 'expected an address and port such as 127.0.0.1:50051',
      })
      .meta({ title: 'an address and port' })
      .default('127.0.0.1:50051')
      .describe(
        'The gRPC port of gobgpd. It has no authentication: keep it on the loopback or in a management network.',
      ),
    rulesByPeople: z
      .boolean()
      .default(false)
      .describe(
        "Whether gobgpd is there for rules by people, and for playbooks that name no enforcer, also when neither a next hop nor a playbook names it. Missing: yes when `address` is written, or when DDPS's API is served and ExaBGP has no pipe.",
      ),
    ...announcementSettings,
    mark: z
      .union([communityText, z.literal('off')])
      .default(DEFAULT_MARK)
      .describe(
        'Community that is added to all we announce, so that it is known as ours: what carries it and is not wanted any more is withdrawn. Each Floodwarden that speaks to the same gobgpd needs one of its own. off: nothing is added, and what an earlier run left and this one does not know stays.',
      )
      .meta({ examples: ['65001:18007:1'] }),
    flowspecOffsets: z
      .boolean()
      .default(false)
      .describe(
        'Whether every router behind gobgpd reads FlowSpec rules whose IPv6 prefix has an offset (RFC 8956). BIRD 2 resets its session at one, so such rules are refused unless this is true.',
      ),
    flowspecTestsMax: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe(
        'Most tests in one component of a FlowSpec rule: a value is one, a range two. FRR 8 resets its session at the sixth, so with FRR behind gobgpd this is 5: rules with more are refused. Missing: any number. What is distilled never has more than 5.',
      )
      .meta({ examples: [5] }),
    deadlineSeconds,
    listDeadlineSeconds: z
      .number()
      .min(1)
      .max(300)
      .default(20)
      .describe(
        'gobgpd lists all it holds within this time, or nothing is concluded from it and it is asked again later.',
      ),
    reconcileSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(10)
      .describe(
        'So often gobgpd is asked what it holds: what is missing or changed is announced again, and what carries our mark and is not wanted is withdrawn.',
      ),
    orphansAfterSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(5)
      .describe(
        'After a start so long nothing is withdrawn because nobody wants it: what was announced a moment before Floodwarden was killed may not be written down yet, and its flood is found again. Where floods are found by flow records, longer than exporters keep a flow to themselves.',
      ),
  })
  .refine(settings => !communitiesOf(settings).includes(settings.mark), {
    path: ['mark'],
    error: 'it is one of the communities that are announced anyway, so it would mark nothing: choose another',
  })
  .describe('Announcements by gobgpd, through its gRPC interface.')

type Announced = Record<'hostIpv4' | 'networkIpv4' | 'hostIpv6' | 'networkIpv6', { communities: string[] }>

function communitiesOf({ hostIpv4, networkIpv4, hostIpv6, networkIpv6 }: Announced): string[] {
  return [hostIpv4, networkIpv4, hostIpv6, networkIpv6].flatMap(({ communities }) => communities)
}

export type GobgpConfig = z.infer<typeof gobgpSchema>
