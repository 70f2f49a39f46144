// A verb that asks the daemon one thing and prints the answer.

import type { z } from 'zod'
import type { Route } from '#api/contract/route.ts'
import {
  type Context,
  complain,
  type DebugFlag,
  EXIT,
  type JsonFlag,
  printJson,
  type StateFlag,
} from './context.ts'
import { doorOf } from './door.ts'

export type AskFlags = StateFlag & DebugFlag & JsonFlag

/** Calls the route and prints the answer: as JSON when that is wanted, else as `show` writes it. */
export async function ask<Input extends z.ZodType, Output extends z.ZodType>(
  context: Context,
  flags: AskFlags,
  route: Route<Input, Output>,
  input: z.input<Input>,
  show: (answer: z.output<Output>) => string,
): Promise<void> {
  const reply = await context.io.connect(doorOf(context.io, flags)).call(route, input)
  if (reply.kind === 'failed') {
    context.exitCode = complain(context.io, reply.failure, flags)
    return
  }
  if (flags.json) printJson(context.io, reply.value)
  else context.io.out(show(reply.value))
  context.exitCode = EXIT.ok
}
