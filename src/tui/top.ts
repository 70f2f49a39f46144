// The verb top: the screen once or as JSON, or the live console.

import type { Client } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import type { Sort } from '#api/contract/values.ts'
import { runConsole } from './console/run.ts'
import type { Terminal } from './terminal.ts'
import { screenLines } from './view.ts'

/** What is asked for at first; undefined: as the daemon is configured. */
export interface FirstView {
  readonly sort: Sort | undefined
  readonly limit: number | undefined
}

export interface TopOptions {
  readonly client: Client
  readonly view: FirstView
  /** Where the screen is drawn; undefined: it is printed once. */
  readonly terminal: Terminal | undefined
  /** As JSON (once). */
  readonly json: boolean
  out(text: string): void
  err(text: string): void
}

/** Shows the screen until a key or a signal ends it, or once. Returns the exit code. */
export async function top(options: TopOptions): Promise<number> {
  const { client, terminal, json } = options
  const first = await client.call(ROUTES.traffic, options.view)
  if (first.kind === 'failed') {
    options.err(`floodwarden: ${failureText(first.failure)}\n`)
    return 1
  }
  if (json) options.out(`${JSON.stringify(first.value, null, 2)}\n`)
  else if (terminal === undefined) options.out(printed(first.value))
  else await runConsole(client, terminal, first.value)
  return 0
}

function printed(traffic: Traffic): string {
  const everything = { columns: Number.POSITIVE_INFINITY, rows: undefined }
  return `${screenLines({ traffic, limit: traffic.limit, footer: undefined }, everything).join('\n')}\n`
}
