// The daemon in the background: started as a session of its own, and left as soon as it is ready.

import { spawn } from 'node:child_process'

const READY = 'ready'

/**
 * Starts this program again with `argv` and returns 0 when that says it is ready, or its exit code when it ends before.
 * Its output goes where ours does, but never to a terminal, which belongs to the shell that comes back.
 */
export async function daemonize(argv: readonly string[]): Promise<number> {
  const { promise: settled, resolve: settle } = Promise.withResolvers<number>()
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv], {
    detached: true,
    stdio: ['ignore', process.stdout.isTTY ? 'ignore' : 'inherit', 'inherit', 'ipc'],
  })
  child.once('message', message => settle(message === READY ? 0 : 1))
  child.once('exit', code => settle(code ?? 1))
  child.once('error', error => {
    process.stderr.write(`floodwarden: cannot start in the background: ${error.message}\n`)
    settle(1)
  })
  const code = await settled
  if (child.connected) child.disconnect()
  child.unref()
  return code
}

/** Tells whoever started us in the background, if anybody did, that it may go. */
export function reportReady(): void {
  if (process.send === undefined) return
  process.send(READY, undefined, undefined, () => process.disconnect?.())
}
