// prefixd's API, joined to the running daemon.

import type { AccessDesk } from '#api/access/desk.ts'
import type { Gate } from '#api/access/gate.ts'
import { alertingRoutes } from '#compat/prefixd/api/alerting-routes.ts'
import { configRoutes } from '#compat/prefixd/api/config-routes.ts'
import { correlationRoutes } from '#compat/prefixd/api/correlation-routes.ts'
import { dialectRoutes } from '#compat/prefixd/api/dialect.ts'
import { PrefixdMetrics } from '#compat/prefixd/api/metrics.ts'
import type { OwnMetrics } from '#compat/prefixd/api/own-figures.ts'
import { type PrefixdPlugin, prefixdPlugin } from '#compat/prefixd/api/plugin.ts'
import { preferencesRoutes } from '#compat/prefixd/api/preferences-routes.ts'
import { signalRoutes } from '#compat/prefixd/api/signals-routes.ts'
import { AttackIds } from '#compat/prefixd/ids.ts'
import type { Logger } from '#lib/log/logger.ts'
import { VERSION } from '#lib/version.ts'
import type { ControlRoom } from '../control-room.ts'
import type { Daemon } from '../daemon.ts'
import { PreferenceDesk } from '../resources/preference-desk.ts'
import { accessRoom } from './access-room.ts'
import { alertingDesk } from './alerting-desk.ts'
import { configDesk } from './config-desk.ts'
import { correlationDesk } from './correlation-desk.ts'
import { prefixdDesk } from './prefixd-desk.ts'
import { signalDesk } from './signal-desk.ts'

/** Of what the inventory knows no POP of, when it has none or several. */
const ANY_POP = 'default'

export function prefixdDialect(
  daemon: Daemon,
  control: Pick<ControlRoom, 'unban' | 'status' | 'reload'>,
  access: { readonly desk: AccessDesk; readonly gate: Gate },
  own: () => Promise<OwnMetrics>,
  log: Logger,
): PrefixdPlugin {
  const { book, store, state, intake } = daemon
  const { reach, safelist, feed: live } = daemon.resources
  const [pop, ...others] = daemon.config.inventory.pops
  const name = pop !== undefined && others.length === 0 ? pop.id : ANY_POP
  const metrics = new PrefixdMetrics(name)
  store.listen(entry => metrics.heard(entry, id => store.get(id)))
  intake.groups.listen(news => metrics.correlation.heard(news))
  const desk = prefixdDesk({
    ...{ book, store, state, reach, safelist, events: intake.events, archive: intake.archive },
    groups: intake.groups,
    isConfiguredVector: name => daemon.config.events.vectors.some(vector => vector.name === name),
    acknowledge: (...asked) => intake.acknowledge(...asked),
    endAttack: async (attackId, by, because) => await control.unban(attackId, by, because),
    inventory: () => daemon.decisionContext().inventory,
    status: () => control.status(),
    pop: name,
    authMode: () => daemon.config.api.access.mode,
    ...{ version: VERSION, now: Date.now },
  })
  const feed = {
    subscribe: (heard: (attackId: string) => void) =>
      live.subscribe(({ attackId }) => {
        if (attackId !== undefined) heard(attackId)
      }),
  }
  const all = { ...desk, feed, access: accessRoom(access.desk, access.gate) }
  const ids = new AttackIds()
  const confidences = (source: string) => intake.groupRules.rules.sources.get(source)?.confidences ?? {}
  const signals = signalDesk({ config: () => daemon.config.signals, environment: process.env, confidences })
  const more = [
    ...signalRoutes({ desk, ids, metrics }, signals),
    ...configRoutes(
      configDesk({
        ...{ config: () => daemon.config, file: daemon.status.origin.file, pop: name, now: Date.now },
        reload: by => control.reload(by),
        status: () => control.status(),
      }),
    ),
    ...preferencesRoutes(new PreferenceDesk(state.documents).prefixd),
    ...alertingRoutes(alertingDesk(daemon.alerts, store, Date.now)),
    ...correlationRoutes(correlationDesk({ intake, store, reach, now: Date.now })),
  ]
  const routes = dialectRoutes(all, ids, metrics, own, more)
  return prefixdPlugin(routes, metrics, (error, path) =>
    log.error("prefixd's API failed to answer", { route: path, error }),
  )
}
