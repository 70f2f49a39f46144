// What policy decides by, from the configuration: prefixes, caps, and the means to act.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { DeskContext, DeskSettings } from './action-desk.ts'
import { announcementsOf } from './config/announcements.ts'
import type { ResolvedConfig } from './config/config.ts'

/** All that the desk goes by, armed or not as it is said here. */
export function deskSettingsOf(config: ResolvedConfig, armed: boolean): DeskSettings {
  const { maximumSeconds, holdDownSeconds } = config.mitigation
  return { context: { ...deskContextOf(config), armed }, maximumSeconds, holdDownSeconds }
}

export function deskContextOf(config: ResolvedConfig): DeskContext {
  const { path, prefixes } = config.enforcement.notifyScript
  return {
    networks: prefixesOf(config.networks),
    whitelist: prefixesOf(config.whitelist),
    managementPrefixes: prefixesOf(config.policy.managementPrefixes),
    policy: config.policy,
    armed: config.mitigation.armed,
    scriptPath: path,
    scriptTakesPrefixes: prefixes,
    announcements: announcementsOf(config),
  }
}
