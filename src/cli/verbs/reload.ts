// `reload`: the running daemon reads its configuration again.

import type { Command } from 'commander'
import type { Reload } from '#api/contract/reload.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'

export function addReload(program: Command, context: Context): void {
  const summary = 'have the daemon read its configuration again'
  const reload = addVerb(program, 'reload', summary, ['reload', 'reload --json'])
  addState(addJson(reload)).action((flags: AskFlags) => ask(context, flags, ROUTES.reload, {}, reloadText))
}

export function reloadText({ changed, overruled, needsRestart, endedBans, problems }: Reload): string {
  const lines = [
    ...problems,
    ...(changed.length === 0 ? ['Reloaded; nothing has changed.'] : ['Reloaded. In force from now on:']),
    ...changed.map(setting => `  ${setting}`),
    ...(endedBans === 0
      ? []
      : [`${endedBans} ban${endedBans === 1 ? '' : 's'} ended: no place for them any more.`]),
    ...(overruled.length === 0 ? [] : ['Not in force, although the file says so:']),
    ...overruled.map(setting => `  ${setting}`),
    ...(needsRestart.length === 0 ? [] : ['Needs a restart, and stays as it was:']),
    ...needsRestart.map(setting => `  ${setting}`),
  ]
  return `${lines.join('\n')}\n`
}
