// Protection: profiles, switches, blocked sources, counters, previews, backups, incidents.

import { ROUTES } from '../contract/routes.ts'
import type { PresetDesk, ProtectionDesk } from '../protection-desk.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addProtectionRoutes(router: Router, desk: ProtectionDesk): void {
  router.add(ROUTES.protection, (_, caller) => ({ kind: 'ok', value: desk.overview(caller) }))
  router.add(ROUTES.protectionProfile, ({ id }, caller) => {
    const value = desk.profile(id, caller)
    return value === undefined
      ? { kind: 'refused', code: 'unknown-profile', detail: id }
      : { kind: 'ok', value }
  })
  router.add(ROUTES.switchProtection, async (asked, caller) => answerOf(await desk.switch(asked, caller)))
  router.add(ROUTES.blockedSources, async (query, caller) => answerOf(await desk.blocked(query, caller)))
  router.add(ROUTES.blockSources, async (asked, caller) => answerOf(await desk.block(asked, caller)))
  router.add(ROUTES.unblockSource, async (asked, caller) => answerOf(await desk.unblock(asked, caller)))
  router.add(ROUTES.protectionCounters, async ({ profile }, caller) =>
    answerOf(await desk.counters(profile, caller)),
  )
  router.add(ROUTES.previewProtection, async asked => answerOf(await desk.preview(asked)))
  router.add(ROUTES.protectionFor, (asked, caller) => {
    const profile = desk.lookUp(asked, caller)
    return { kind: 'ok', value: profile === undefined ? {} : { profile } }
  })
  router.add(ROUTES.protectionBackup, () => ({ kind: 'ok', value: desk.backup() }))
  router.add(ROUTES.restoreProtection, async (asked, caller) => answerOf(await desk.restore(asked, caller)))
  router.add(ROUTES.protectionIncidents, (query, caller) => ({
    ...{ kind: 'ok', value: desk.incidents(query, caller) },
  }))
  router.add(ROUTES.tagIncident, (asked, caller) => answerOf(desk.tag(asked, caller)))
}

export function addPresetRoutes(router: Router, desk: PresetDesk): void {
  router.add(ROUTES.protectionPreset, ({ id }) => answerOf(desk.preset(id)))
  router.add(ROUTES.writeProtectionPreset, async (asked, caller) => answerOf(await desk.write(asked, caller)))
}
