// `protect`: protection profiles and their countermeasures.

import type { Command } from 'commander'
import { addVerb, type Context } from '../context.ts'
import { addLocalProtect } from './protect-local.ts'

export function addProtect(program: Command, context: Context): void {
  const summary = 'protection profiles: what filters traffic on this machine'
  const verb = addVerb(program, 'protect', summary, [
    'protect preview --file profiles.yaml',
    'protect apply --file profiles.yaml --yes',
    'protect counters',
  ])
  addLocalProtect(verb, context)
}
