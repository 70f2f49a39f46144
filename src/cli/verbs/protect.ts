// `protect`: protection profiles and their countermeasures.

import type { Command } from 'commander'
import { addVerb, type Context } from '../context.ts'
import { addProtectQuestions } from './protect-ask.ts'
import { addProtectChanges } from './protect-change.ts'
import { addLocalProtect } from './protect-local.ts'

export function addProtect(program: Command, context: Context): void {
  const summary = 'protection profiles: what filters traffic, by the daemon or by a file'
  const verb = addVerb(program, 'protect', summary, [
    'protect list',
    'protect on web acl --reason "ticket 4711"',
    'protect apply --file profiles.yaml --yes',
  ])
  addProtectQuestions(verb, context)
  addProtectChanges(verb, context)
  addLocalProtect(verb, context)
}
