// DDPS's API, joined to the running daemon.

import type { AccessDesk } from '#api/access/desk.ts'
import type { Gate } from '#api/access/gate.ts'
import { type DdpsPlugin, ddpsPlugin } from '#compat/ddps/api/plugin.ts'
import { parseListenAddress } from '#lib/listen-address.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { Dialects } from '../api-doors.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { Daemon } from '../daemon.ts'
import type { RuleDesk } from '../rules/rule-desk.ts'
import { ddpsRules } from './ddps-rules.ts'
import { tokenRoom } from './token-room.ts'

export function ddpsDialect(
  daemon: Daemon,
  rules: RuleDesk,
  access: { readonly desk: AccessDesk; readonly gate: Gate },
  log: Logger,
): DdpsPlugin {
  const config = () => daemon.config
  const desk = {
    tokens: tokenRoom({
      ...{ access: access.desk, gate: access.gate, documents: daemon.state.documents },
      ...{ config, now: Date.now },
    }),
    rules: ddpsRules({ desk: rules, reach: daemon.resources.reach, config }),
  }
  return ddpsPlugin(desk, (error, path) => log.error("DDPS's API failed to answer", { route: path, error }))
}

/** Where it is spoken by the configuration of the start. */
export function placesOf({ ddpsApi }: ResolvedConfig['compatibility'], plugin: DdpsPlugin): Dialects {
  const listen = parseListenAddress(ddpsApi.listen)
  return {
    beside: ddpsApi.enabled ? [plugin] : [],
    apart: listen === undefined ? [] : [{ name: "DDPS's API", listen, plugin }],
  }
}
