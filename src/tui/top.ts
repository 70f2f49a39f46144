// The traffic screen: asks the daemon again and again and draws what it says.

import type { Client } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { Traffic } from '#api/contract/traffic.ts'
import type { Sort } from '#api/contract/values.ts'
import { clockText } from '#lib/clock/local-time.ts'
import { KEY_LINE, pressed, type View } from './keys.ts'
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
  else await live(client, terminal, first.value)
  return 0
}

function printed(traffic: Traffic): string {
  const everything = { columns: Number.POSITIVE_INFINITY, rows: undefined }
  return `${screenLines({ traffic, limit: traffic.limit, footer: undefined }, everything).join('\n')}\n`
}

/** Runs until it is ended. A daemon that stops answering is waited for, with its last numbers on the screen. */
function live(client: Client, terminal: Terminal, first: Traffic): Promise<void> {
  let traffic = first
  let view: View = { sort: first.sort, limit: first.limit }
  let footer = KEY_LINE
  let lostAt: Date | undefined
  let isAsking = false
  let isEnded = false

  const redraw = (): void => {
    if (!isEnded) terminal.draw(screenLines({ traffic, limit: view.limit, footer }, terminal.size()))
  }

  const refresh = async (): Promise<void> => {
    if (isAsking || isEnded) return
    isAsking = true
    const asked = view
    const reply = await client.call(ROUTES.traffic, asked)
    isAsking = false
    if (reply.kind === 'ok') {
      traffic = reply.value
      lostAt = undefined
      footer = KEY_LINE
    } else {
      lostAt ??= new Date()
      footer = `old numbers since ${clockText(lostAt)}: ${failureText(reply.failure).split('\n')[0]}`
    }
    redraw()
    if (asked !== view) await refresh()
  }

  return new Promise(resolve => {
    const timer = setInterval(() => void refresh(), first.redrawSeconds * 1000)
    const end = (): void => {
      isEnded = true
      clearInterval(timer)
      terminal.leave()
      resolve()
    }
    const keys = (input: string): void => {
      const next = pressed(view, input)
      if (next === 'quit') end()
      else if (next !== view) {
        view = next
        void refresh()
      }
    }
    terminal.enter({ keys, resized: redraw, end })
    redraw()
  })
}
