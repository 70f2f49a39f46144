// What a replay says, as the files of a scenario hold it: facts without the long lists, and calls as a script gets them.

import { z } from 'zod'

const callSchema = z.strictObject({
  at: z.string(),
  action: z.string(),
  argv: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  stdin: z.string().nullable(),
})

const speedsSchema = z.object({
  incoming: z.record(z.string(), z.number()),
  outgoing: z.record(z.string(), z.number()),
})

const replaySchema = z.looseObject({
  attacks: z.array(
    z.looseObject({
      speeds: speedsSchema,
      averages: speedsSchema,
      flows: z.array(z.looseObject({ flows: z.array(z.unknown()) })),
      packets: z.array(z.unknown()),
    }),
  ),
  calls: z.array(callSchema),
})

export type Call = z.infer<typeof callSchema>

/** Facts and calls of `replay --json`. Proposed rules stand in the text of the scenarios that are about them. */
export function readFacts(stdout: string): { readonly facts: string; readonly calls: readonly Call[] } {
  const { calls, ...rest } = replaySchema.parse(JSON.parse(stdout))
  const facts = {
    ...rest,
    attacks: rest.attacks.map(({ proposed: _proposed, ...attack }) => ({
      ...attack,
      speeds: withoutZeros(attack.speeds),
      averages: withoutZeros(attack.averages),
      flows: attack.flows.map(section => ({ ...section, flows: section.flows.length })),
      packets: attack.packets.length,
    })),
    calls: calls.map(({ action }) => action).join(' '),
  }
  return { facts: `${JSON.stringify(facts, null, 2)}\n`, calls }
}

function withoutZeros({ incoming, outgoing }: z.infer<typeof speedsSchema>) {
  const some = (speeds: Record<string, number>) =>
    Object.fromEntries(Object.entries(speeds).filter(([, value]) => value !== 0))
  return { incoming: some(incoming), outgoing: some(outgoing) }
}

/** Each call with its words, its variables, and what it reads: lines of stdin begin with a bar. */
export function callsText(calls: readonly Call[]): string {
  if (calls.length === 0) return 'no call\n'
  return calls.map(callText).join('\n')
}

function callText({ at, argv, environment, stdin }: Call): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  return `${[`${at} script ${argv.join(' ')}`, ...variables, ...stdinLines(stdin)].join('\n')}\n`
}

function stdinLines(stdin: string | null): string[] {
  if (stdin === null) return ['stdin: empty and closed']
  const isCut = !stdin.endsWith('\n')
  const lines = stdin.split('\n').map(line => `|${line}`)
  return ['stdin:', ...(isCut ? [...lines, '(the last line has no end)'] : lines.slice(0, -1))]
}
