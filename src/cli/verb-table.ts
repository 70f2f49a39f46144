// The verbs in the order of the help, each loaded when it is wanted: who runs one does not wait for the others, nor keep them.

import type { Command } from 'commander'
import type { Context } from './context.ts'

export type AddVerb = (program: Command, context: Context) => void

interface VerbEntry {
  /** Those that it adds to the program. */
  readonly names: readonly string[]
  load(): Promise<AddVerb>
}

const VERBS: readonly VerbEntry[] = [
  { names: ['run'], load: async () => (await import('./verbs/run.ts')).addRun },
  { names: ['check'], load: async () => (await import('./verbs/check.ts')).addCheck },
  { names: ['replay'], load: async () => (await import('./verbs/replay.ts')).addReplay },
  { names: ['distill'], load: async () => (await import('./verbs/distill.ts')).addDistill },
  { names: ['decode-attack'], load: async () => (await import('./verbs/decode-attack.ts')).addDecodeAttack },
  { names: ['top'], load: async () => (await import('./verbs/top.ts')).addTop },
  { names: ['status'], load: async () => (await import('./verbs/status.ts')).addStatus },
  { names: ['attacks'], load: async () => (await import('./verbs/attacks.ts')).addAttacks },
  { names: ['explain'], load: async () => (await import('./verbs/explain.ts')).addExplain },
  { names: ['simulate'], load: async () => (await import('./verbs/simulate.ts')).addSimulate },
  { names: ['bans', 'ban', 'unban'], load: async () => (await import('./verbs/bans.ts')).addBans },
  { names: ['mitigations'], load: async () => (await import('./verbs/mitigations.ts')).addMitigations },
  { names: ['rule'], load: async () => (await import('./verbs/rule.ts')).addRule },
  { names: ['blackhole'], load: async () => (await import('./verbs/blackhole.ts')).addBlackhole },
  { names: ['protect'], load: async () => (await import('./verbs/protect.ts')).addProtect },
  { names: ['panic'], load: async () => (await import('./verbs/panic.ts')).addPanic },
  { names: ['events'], load: async () => (await import('./verbs/events.ts')).addEvents },
  { names: ['safelist'], load: async () => (await import('./verbs/safelist.ts')).addSafelist },
  { names: ['inventory'], load: async () => (await import('./verbs/sections.ts')).addInventory },
  { names: ['playbooks'], load: async () => (await import('./verbs/sections.ts')).addPlaybooks },
  { names: ['arm', 'disarm'], load: async () => (await import('./verbs/arm.ts')).addArm },
  { names: ['audit'], load: async () => (await import('./verbs/audit.ts')).addAudit },
  { names: ['users'], load: async () => (await import('./verbs/users.ts')).addUsers },
  { names: ['tokens'], load: async () => (await import('./verbs/tokens.ts')).addTokens },
  { names: ['backup'], load: async () => (await import('./verbs/backup.ts')).addBackup },
  { names: ['restore'], load: async () => (await import('./verbs/backup.ts')).addRestore },
  { names: ['limits'], load: async () => (await import('./verbs/limits.ts')).addLimits },
  { names: ['notifications'], load: async () => (await import('./verbs/notifications.ts')).addNotifications },
  { names: ['message-test'], load: async () => (await import('./verbs/notifications.ts')).addMessageTest },
  { names: ['exporters'], load: async () => (await import('./verbs/exporters.ts')).addExporters },
  { names: ['reload'], load: async () => (await import('./verbs/reload.ts')).addReload },
  { names: ['script-test'], load: async () => (await import('./verbs/script-test.ts')).addScriptTest },
  { names: ['mitigator'], load: async () => (await import('./verbs/mitigator.ts')).addMitigator },
  { names: ['doctor'], load: async () => (await import('./verbs/doctor.ts')).addDoctor },
  { names: ['version'], load: async () => (await import('./verbs/version.ts')).addVersion },
]

/** What adds the verb of this name; what adds all of them when there is none. */
export function loadVerbs(name: string | undefined): Promise<readonly AddVerb[]> {
  const named = VERBS.filter(({ names }) => names.some(one => one === name))
  return Promise.all((named.length === 0 ? VERBS : named).map(({ load }) => load()))
}
