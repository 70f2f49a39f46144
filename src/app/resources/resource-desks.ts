// The desks behind the routes of resources, joined to the running daemon.

import type { AttackReport } from '#api/contract/attack.ts'
import type { Resources } from '#api/resources.ts'
import { NotifyDesk } from '../alerts/notify-desk.ts'
import type { ControlRoom } from '../control-room.ts'
import { CourseDesk } from '../course/course-desk.ts'
import type { Daemon } from '../daemon.ts'
import { RoomDesk } from '../protection/protection-desk.ts'
import type { ProtectionRoom } from '../protection/protection-room.ts'
import { panic } from '../rules/panic.ts'
import { RuleDesk } from '../rules/rule-desk.ts'
import { RulePreviews } from '../rules/rule-preview.ts'
import { HistoryDesk } from '../traffic-history/history-desk.ts'
import { WhatIfDesk } from '../traffic-history/what-if-desk.ts'
import { AttackDesk } from './attack-desk.ts'
import { MitigationDesk } from './mitigation-desk.ts'
import { PreferenceDesk } from './preference-desk.ts'
import { ProtectionDesk } from './protection-desk.ts'
import { ReportDesk } from './report-desk.ts'

export function resourcesOf(
  daemon: Pick<Daemon, 'book' | 'store' | 'state' | 'intake' | 'config' | 'arming' | 'longHistory'> & {
    readonly alerts?: Daemon['alerts']
    readonly learning: Pick<Daemon['learning'], 'effective' | 'sources'>
    readonly resources: Pick<Daemon['resources'], 'reach' | 'safelist' | 'clients' | 'rules' | 'preview'> & {
      readonly history: Pick<Daemon['resources']['history'], 'get' | 'now' | 'hosts'>
      readonly courses: Pick<Daemon['resources']['courses'], 'kept'>
    }
    readonly protection?: ProtectionRoom
  },
  control: Pick<ControlRoom, 'attack' | 'unban'>,
  sections?: Resources['sections'],
): Resources & { readonly rules: RuleDesk } {
  const { book, store, state, intake, protection: room } = daemon
  const { reach, safelist, clients: live, rules } = daemon.resources
  const previews = new RulePreviews({ book, samples: daemon.resources.preview })
  const report = (id: string): AttackReport | undefined => control.attack(id)
  return {
    attacks: new AttackDesk({ book, archive: intake.archive, state, reach, report }),
    courses: new CourseDesk({
      ...{ book, archive: intake.archive, state, reach, courses: daemon.resources.courses },
      counted: () => daemon.config.capture.length,
    }),
    mitigations: new MitigationDesk({
      ...{ store, book, intake, reach, rules, previews, documents: state.documents },
      endAttack: async (attackId, by, reason) => await control.unban(attackId, by, reason),
      onDisk: () => state.onDisk(),
    }),
    reports: new ReportDesk({
      ...{ events: intake.events, state, reach, now: Date.now },
      isConfiguredVector: name => daemon.config.events.vectors.some(vector => vector.name === name),
    }),
    safelist,
    rules: new RuleDesk({
      ...{ rules, reach, previews },
      panic: (request, by) =>
        panic(
          {
            ...{ rules, store, arming: () => daemon.arming, now: Date.now },
            release: (attackId, who) => intake.release(attackId, who),
            onDisk: () => state.onDisk(),
          },
          request,
          by,
        ),
    }),
    live,
    preferences: new PreferenceDesk(state.documents),
    ...(daemon.alerts === undefined
      ? {}
      : {
          notify: new NotifyDesk({ room: daemon.alerts, config: () => daemon.config, store, now: Date.now }),
        }),
    history: new HistoryDesk({
      ...{ room: daemon.resources.history, state, now: Date.now },
      elsewhere: () => daemon.longHistory,
    }),
    whatIf: new WhatIfDesk({
      ...{ room: daemon.resources.history, book, now: Date.now },
      active: () => store.active(),
      config: () => daemon.learning.effective(),
      sourceOf: () => daemon.learning.sources(),
    }),
    ...(sections === undefined ? {} : { sections }),
    ...(room === undefined
      ? {}
      : { protection: new ProtectionDesk({ protection: new RoomDesk(room, Date.now), reach }) }),
  }
}
