// From a mitigation to a call of the script: its arguments, what it adds to the environment, what it reads on stdin.

import { type Report, reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import {
  addressText,
  banText,
  countersText,
  detailsText,
  headText,
  type TextStyle,
} from '#5-evidence/report-text.ts'
import type { Briefing } from '#7-mitigation/enforcer.ts'
import type { NotifyScriptConfig } from './config.ts'

/** The fourth argument, in the words of FastNetMon. */
export const CALL_ACTIONS = ['ban', 'attack_details', 'unban'] as const
export type CallAction = (typeof CALL_ACTIONS)[number]

/** How calls are worded. */
export interface CallStyle extends TextStyle {
  /** What stands on stdin; `classic` when missing. */
  readonly report?: NotifyScriptConfig['report']
}

export interface ScriptCall {
  readonly action: CallAction
  readonly argv: readonly string[]
  /** Added to the environment of the daemon. */
  readonly env: Readonly<Record<string, string>>
  /** `undefined`: stdin is empty and closed. */
  readonly stdin: string | undefined
}

/** How much of the report is told. `short` leaves the flows of a ban out when too many reports wait already. */
export type CallLength = 'full' | 'short'

export function encodeCall(
  action: CallAction,
  briefing: Briefing,
  style: CallStyle,
  length: CallLength = 'full',
): ScriptCall {
  const { attack } = briefing
  // All calls of one attack carry the direction and the power it opened with, as FastNetMon's do.
  const power = String(Math.floor(attack.power))
  const argv = [addressText(attack.host, style.addressForm), attack.direction, power, action]
  return { action, argv, env: environmentOf(briefing), stdin: stdinOf(action, briefing, style, length) }
}

function stdinOf(
  action: CallAction,
  briefing: Briefing,
  style: CallStyle,
  length: CallLength,
): string | undefined {
  const report = reportOf(length === 'short' ? { ...briefing, flows: [], packets: [] } : briefing)
  if (style.report === 'json') return `${JSON.stringify(reportJson(report))}\n`
  if (action === 'unban') return undefined
  if (length === 'short') return countersText(report, style)
  return action === 'ban' ? textOfBan(report, style) : detailsText(report, style)
}

const textOfBan = (report: Report, style: CallStyle): string =>
  style.report === 'head' ? headText(report, style) : banText(report, style)

/** All five are always set, so that `set -u` does no harm; empty where a manual ban has nothing to say. */
function environmentOf({ attack }: Briefing): Record<string, string> {
  const { crossing } = attack
  return {
    FLOODWARDEN_ATTACK_ID: attack.id,
    FLOODWARDEN_HOSTGROUP: attack.hostgroup,
    FLOODWARDEN_THRESHOLD: crossing?.limit ?? '',
    FLOODWARDEN_VALUE: crossing === undefined ? '' : String(Math.floor(crossing.value)),
    FLOODWARDEN_LIMIT: crossing === undefined ? '' : String(Math.floor(crossing.threshold)),
  }
}

/** Variables through which systemd speaks to the daemon alone: a script that inherits them speaks in its name. */
const DAEMON_ONLY = new Set(['NOTIFY_SOCKET', 'WATCHDOG_PID', 'WATCHDOG_USEC', 'LISTEN_PID', 'LISTEN_FDS'])

/** The environment every call gets, of that of the daemon. */
export function inheritedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inherited: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !DAEMON_ONLY.has(name)) inherited[name] = value
  }
  return inherited
}
