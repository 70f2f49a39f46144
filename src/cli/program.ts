// The command line: verbs, their options, their help, and the exit codes 0 (ok), 1 (refused or failed) and 2 (usage).

import { Command, CommanderError } from 'commander'
import { errorText, stackText } from '#lib/log/facts.ts'
import { VERSION } from '#lib/version.ts'
import { type Context, EXIT } from './context.ts'
import { fromFastnetmon } from './fastnetmon-words.ts'
import type { Io } from './io.ts'
import type { LocalVerbs } from './local-verbs.ts'
import { addArm } from './verbs/arm.ts'
import { addAttacks } from './verbs/attacks.ts'
import { addAudit } from './verbs/audit.ts'
import { addBackup, addRestore } from './verbs/backup.ts'
import { addBans } from './verbs/bans.ts'
import { addBlackhole } from './verbs/blackhole.ts'
import { addCheck } from './verbs/check.ts'
import { addDecodeAttack } from './verbs/decode-attack.ts'
import { addDistill } from './verbs/distill.ts'
import { addDoctor } from './verbs/doctor.ts'
import { addEvents } from './verbs/events.ts'
import { addExplain } from './verbs/explain.ts'
import { addExporters } from './verbs/exporters.ts'
import { addLimits } from './verbs/limits.ts'
import { addMitigations } from './verbs/mitigations.ts'
import { addMitigator } from './verbs/mitigator.ts'
import { addMessageTest, addNotifications } from './verbs/notifications.ts'
import { addPanic } from './verbs/panic.ts'
import { addProtect } from './verbs/protect.ts'
import { addReload } from './verbs/reload.ts'
import { addReplay } from './verbs/replay.ts'
import { addRule } from './verbs/rule.ts'
import { addRun } from './verbs/run.ts'
import { addSafelist } from './verbs/safelist.ts'
import { addScriptTest } from './verbs/script-test.ts'
import { addInventory, addPlaybooks } from './verbs/sections.ts'
import { addSimulate } from './verbs/simulate.ts'
import { addStatus } from './verbs/status.ts'
import { addTokens } from './verbs/tokens.ts'
import { addTop } from './verbs/top.ts'
import { addUsers } from './verbs/users.ts'
import { addVersion } from './verbs/version.ts'

const WORDS = `
Exit codes: 0 ok, 1 refused or failed, 2 wrong usage.

First steps:
  floodwarden run eth1      watch the mirror port eth1
  floodwarden top           see its traffic
  floodwarden doctor        see what is missing`

/** Runs the verb that `argv` names (without node and script) and returns the exit code; never throws. */
export async function runCommandLine(argv: readonly string[], verbs: LocalVerbs, io: Io): Promise<number> {
  const context: Context = { io, verbs, exitCode: EXIT.usage }
  const program = buildProgram(context)
  try {
    await program.parseAsync(fromFastnetmon(argv), { from: 'user' })
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    io.err(`floodwarden: ${argv.includes('--debug') ? stackText(error) : errorText(error)}\n`)
    return EXIT.failed
  }
}

/** The program with all its verbs. Exported for the reference, which is generated from it. */
export function buildProgram(context: Context): Command {
  const program = new Command('floodwarden')
    .description('Watches a network, finds DDoS floods within a second, explains them, and stops them.')
    .version(VERSION, '-V, --version')
    .usage('VERB [options]')
    .showHelpAfterError('(floodwarden VERB --help tells more)')
    .showSuggestionAfterError(true)
    .configureOutput({ writeOut: context.io.out, writeErr: context.io.err })
    .exitOverride()
    .addHelpText('after', WORDS)
  for (const add of [
    addRun,
    addCheck,
    addReplay,
    addDistill,
    addDecodeAttack,
    addTop,
    addStatus,
    addAttacks,
    addExplain,
    addSimulate,
    addBans,
    addMitigations,
    addRule,
    addBlackhole,
    addProtect,
    addPanic,
    addEvents,
    addSafelist,
    addInventory,
    addPlaybooks,
    addArm,
    addAudit,
    addUsers,
    addTokens,
    addBackup,
    addRestore,
    addLimits,
    addNotifications,
    addMessageTest,
    addExporters,
    addReload,
    addScriptTest,
    addMitigator,
    addDoctor,
    addVersion,
  ]) {
    add(program, context)
  }
  return program
}
