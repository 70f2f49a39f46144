// The desks behind the routes of resources, joined to the running daemon.

import type { AttackReport } from '#api/contract/attack.ts'
import type { Resources } from '#api/resources.ts'
import { NotifyDesk } from '../alerts/notify-desk.ts'
import type { ControlRoom } from '../control-room.ts'
import type { Daemon } from '../daemon.ts'
import { panic } from '../rules/panic.ts'
import { RuleDesk } from '../rules/rule-desk.ts'
import { HistoryDesk } from '../traffic-history/history-desk.ts'
import { AttackDesk } from './attack-desk.ts'
import { MitigationDesk } from './mitigation-desk.ts'
import { ReportDesk } from './report-desk.ts'

export function resourcesOf(
  daemon: Pick<Daemon, 'book' | 'store' | 'state' | 'intake' | 'config' | 'arming'> & {
    readonly alerts?: Daemon['alerts']
    readonly resources: Pick<Daemon['resources'], 'reach' | 'safelist' | 'clients' | 'rules' | 'preview'> & {
      readonly history: Pick<Daemon['resources']['history'], 'get' | 'now'>
    }
  },
  control: Pick<ControlRoom, 'attack' | 'unban'>,
  sections?: Resources['sections'],
): Resources & { readonly rules: RuleDesk } {
  const { book, store, state, intake } = daemon
  const { reach, safelist, clients: live, rules } = daemon.resources
  const report = (id: string): AttackReport | undefined => control.attack(id)
  return {
    attacks: new AttackDesk({ book, archive: intake.archive, state, reach, report }),
    mitigations: new MitigationDesk({
      ...{ store, book, intake, reach, documents: state.documents },
      endAttack: async (attackId, by, reason) => await control.unban(attackId, by, reason),
      onDisk: () => state.onDisk(),
    }),
    reports: new ReportDesk({
      ...{ events: intake.events, state, reach, now: Date.now },
      isConfiguredVector: name => daemon.config.events.vectors.some(vector => vector.name === name),
    }),
    safelist,
    rules: new RuleDesk({
      ...{ rules, reach, preview: { book, samples: daemon.resources.preview } },
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
    history: new HistoryDesk({ room: daemon.resources.history, state, now: Date.now }),
    ...(daemon.alerts === undefined
      ? {}
      : {
          notify: new NotifyDesk({ room: daemon.alerts, config: () => daemon.config, store, now: Date.now }),
        }),
    ...(sections === undefined ? {} : { sections }),
  }
}
