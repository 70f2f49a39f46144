// Tries a script out: calls it as a flood would, for a documentation address (RFC 5737), and tells what came of it.

import { exampleAttack, exampleFlows, examplePackets } from '#5-evidence/example.ts'
import { type ProgramEnd, ProgramRunner } from './client.ts'
import { CALL_ACTIONS, type CallAction, type CallStyle, encodeCall, inheritedEnvironment } from './encode.ts'

export interface ScriptTestOptions {
  readonly style: CallStyle
  readonly timeoutSeconds: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly killGraceMs?: number
}

export interface ScriptTestCall {
  readonly action: CallAction
  readonly argv: readonly string[]
  readonly end: ProgramEnd
  /** What became of the report: `empty` when there was none (unban, or the script did not start). */
  readonly report: 'empty' | 'read' | 'partly-read' | 'unread'
}

/** Calls the script with `ban`, `attack_details` and `unban`, one after the other; stops at one that does not start. */
export async function runScriptTest(path: string, options: ScriptTestOptions): Promise<ScriptTestCall[]> {
  const calls: ScriptTestCall[] = []
  for (const action of CALL_ACTIONS) {
    if (action === 'attack_details' && options.style.report === 'head') continue
    const call = await callOnce(path, action, options)
    calls.push(call)
    if (call.end.kind === 'not-started') break
  }
  return calls
}

async function callOnce(
  path: string,
  action: CallAction,
  options: ScriptTestOptions,
): Promise<ScriptTestCall> {
  const { style, timeoutSeconds, killGraceMs = 5000 } = options
  const briefing = {
    attack: exampleAttack(),
    flows: exampleFlows(style.recordCount + 1),
    packets: examplePackets(style.recordCount),
  }
  const { argv, env, stdin } = encodeCall(action, briefing, style)
  const program = {
    path,
    argv,
    env: { ...inheritedEnvironment(options.env), ...env },
    stdin,
    keepsStdout: true,
  }
  const limit = { timeoutMs: timeoutSeconds * 1000, killGraceMs }
  const end = await new ProgramRunner().start(program, limit).ended
  return { action, argv, end, report: reportState(end, stdin) }
}

function reportState(end: ProgramEnd, stdin: string | undefined): ScriptTestCall['report'] {
  if (stdin === undefined || end.kind === 'not-started') return 'empty'
  if (end.unreadBytes === 0) return 'read'
  return end.unreadBytes < stdin.length ? 'partly-read' : 'unread'
}
