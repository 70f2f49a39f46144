// The daemon in the background: started as a session of its own, and left as soon as it is ready.

import { spawn } from 'node:child_process'
import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'
import { environmentWithCache } from '#lib/compile-cache.ts'

const READY = 'ready'

/**
 * Starts this program again with `argv` and returns 0 when that says it is ready, or its exit code when it ends before.
 * Its output goes to the file or the journal that ours goes to, not to a terminal, which belongs to the shell that comes
 * back, nor to a pipe, whose reader would wait for the daemon to end.
 */
export async function daemonize(argv: readonly string[]): Promise<number> {
  const { promise: settled, resolve: settle } = Promise.withResolvers<number>()
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv], {
    detached: true,
    env: environmentWithCache(),
    stdio: ['ignore', isForLater(1) ? 'inherit' : 'ignore', isForLater(2) ? 'inherit' : 'ignore', 'ipc'],
  })
  child.once('message', message => settle(message === READY ? 0 : 1))
  child.once('exit', code => settle(code ?? 1))
  child.once('error', error => {
    process.stderr.write(`floodwarden: cannot start in the background: ${error.message}\n`)
    settle(1)
  })
  const code = await settled
  if (code !== 0 && !isForLater(2)) {
    process.stderr.write('floodwarden: the daemon did not start; without --daemonize it says why\n')
  }
  if (child.connected) child.disconnect()
  child.unref()
  return code
}

/** Whether output may still go there when we are gone: a file, a socket of the journal, /dev/null. */
const isForLater = (output: 1 | 2): boolean => !isatty(output) && !fstatSync(output).isFIFO()

/** Tells whoever started us in the background, if anybody did, that it may go. */
export function reportReady(): void {
  if (process.send === undefined) return
  process.send(READY, undefined, undefined, () => process.disconnect?.())
}
