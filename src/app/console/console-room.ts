// The console that the daemon serves: where it lies, and a build of it in a process of its own when its sources are newer.

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { ConsoleFiles } from '#api/console/console-files.ts'
import type { Console } from '#api/console/console-pages.ts'
import type { Logger } from '#lib/log/logger.ts'
import { staleness } from './staleness.ts'

/** Detection comes first. */
const NICENESS = 10
const SAID_BYTES_MAX = 4000

export interface ConsoleRoom extends Console {
  /** Settles when nothing is built any more. */
  readonly built: Promise<void>
  /** Ends a build that still runs. */
  stop(): void
}

/** `root`: the folder that holds `web`. To be called while the process may still write there. */
export function openConsole(root: string, log: Logger, mayWrite = isWritable): ConsoleRoom {
  const web = join(root, 'web')
  const files = new ConsoleFiles(join(web, 'dist'))
  let why = 'It is not part of this installation.'
  let child: ChildProcess | undefined
  let built = Promise.resolve()
  const state = staleness(root)
  if (state === 'stale' && !mayWrite(web)) {
    why = `It is not built, and ${web} cannot be written to by the daemon: run npm run web there.`
    log.warn('console', { problem: why })
  } else if (state === 'stale') {
    why = 'It is being built, which takes some seconds: load this page again.'
    log.info('console', { does: 'is built from its sources, beside the start' })
    child = begin(join(web, 'build.ts'))
    built = followed(child, log, words => {
      why = words
    })
  } else if (state === 'no-tools') {
    why = `It is not built, and what builds it is not installed: run npm ci in ${root}.`
    if (!files.isThere) log.warn('console', { problem: why })
  } else if (state === 'absent') log.warn('console', { problem: why })
  return { files, absence: () => why, built, stop: () => void child?.kill() }
}

function begin(program: string): ChildProcess {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
  })
  try {
    if (child.pid !== undefined) setPriority(child.pid, NICENESS)
  } catch {
    // It is gone already, or may not be made nicer: it is built nonetheless.
  }
  return child
}

function followed(child: ChildProcess, log: Logger, sayWhy: (words: string) => void): Promise<void> {
  const begun = performance.now()
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_BYTES_MAX)
  })
  return new Promise(resolve => {
    const failed = (problem: string) => {
      sayWhy('It could not be built: the log of the daemon says why. npm run web builds it again.')
      log.warn('console', { problem: `not built: ${problem}`, do: 'npm run web' })
      resolve()
    }
    child.once('error', error => failed(error.message))
    child.once('close', (code, signal) => {
      if (child.killed) return resolve()
      if (code !== 0) return failed(signal === null ? problemIn(said) : `ended by ${signal}`)
      log.info('console', {
        does: 'is built',
        seconds: Number(((performance.now() - begun) / 1000).toFixed(1)),
      })
      resolve()
    })
  })
}

/** The line of an uncaught error, without its stack. */
const problemIn = (said: string): string =>
  /^(?:\w*Error\b.*|.*\bError: .*)$/m.exec(said)?.[0] ?? said.trim().split('\n').at(-1) ?? ''

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
