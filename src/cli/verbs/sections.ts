// `inventory` and `playbooks`: sections of the configuration as they are written, for people as YAML.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import type { SectionView } from '#api/contract/sections.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context } from '../context.ts'

export function addInventory(program: Command, context: Context): void {
  addSection(program, context, 'inventory', 'show whose the addresses are, as configured')
}

export function addPlaybooks(program: Command, context: Context): void {
  addSection(program, context, 'playbooks', 'show how attacks are answered, as configured')
}

function addSection(
  program: Command,
  context: Context,
  name: 'inventory' | 'playbooks',
  summary: string,
): void {
  const verb = addVerb(program, name, summary, [name, `${name} --json`])
  const show = async (flags: AskFlags) => {
    // Loaded when it is needed: other verbs shall not wait for it.
    const { stringify } = await import('yaml')
    const text = ({ value, file = 'the defaults' }: SectionView) =>
      value === null ? `${file}: nothing is written.\n` : stringify({ [name]: value }, { lineWidth: 0 })
    return ask(context, flags, ROUTES[name], {}, text)
  }
  addState(addJson(verb)).action(show)
  addState(addJson(addSame(verb, 'show', `${name} show`))).action((_: unknown, self: Command) =>
    show(self.optsWithGlobals<AskFlags>()),
  )
}
