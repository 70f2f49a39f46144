// The announcements a configuration asks for, armed or not: a dry run shows them. FastNetMon tells ExaBGP first.

import type { AnnouncementPlan } from '#6-policy/announcement-plan.ts'
import { plansOf } from '#8-enforcement/bgp/config.ts'
import type { ResolvedConfig } from './config.ts'

export function announcementsOf({ enforcement }: ResolvedConfig): AnnouncementPlan[] {
  const { exabgp, gobgp } = enforcement
  return [...(exabgp.pipe === undefined ? [] : plansOf('exabgp', exabgp)), ...plansOf('gobgp', gobgp)]
}
