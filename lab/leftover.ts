// Names that say whose they are, so that what a dead process left behind can be found and removed.

import { spawnSync } from 'node:child_process'
import { mustRun, run } from './command.ts'

const NAME = /^fw-(\d+)-(\d+)-[a-z]/

/** Interface names have at most 15 characters; this one fits for any process number and a thousand cables. */
export const interfaceName = (number: number, end: 'a' | 'b'): string => `fw-${process.pid}-${number}${end}`

export const namespaceName = (number: number, role: string): string => `fw-${process.pid}-${number}-${role}`

/** Whether an interface belongs to a lab: generators send on no other. */
export const isLabInterface = (name: string): boolean => /^fw-\d+-\d+[ab]$/.test(name)

/**
 * Removes namespaces of processes that are gone, and of an earlier process that had our number. `ours` are the ones
 * this process has open.
 */
export async function removeLeftovers(ours: ReadonlySet<string>): Promise<string[]> {
  const names = leftoversAmong(await mustRun(['ip', 'netns', 'list']), ours, isAlive)
  for (const name of names) await removeNamespace(name)
  return names
}

/**
 * Ends what still runs in a lab's namespace, since its processes would keep it alive without a name, and removes it.
 * Another process may be removing the same one, so a failure here is none.
 */
export async function removeNamespace(name: string): Promise<void> {
  const { stdout } = await run(['ip', 'netns', 'pids', name])
  endProcesses(stdout)
  await run(['ip', 'netns', 'del', name])
}

/** Like `removeNamespace`, for a process that is about to end. */
export function removeNamespaceNow(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
  endProcesses(stdout)
  spawnSync('ip', ['netns', 'del', name])
}

/** The names in the listing of `ip netns list` that nobody uses any more. */
export function leftoversAmong(
  listing: string,
  ours: ReadonlySet<string>,
  isAliveProcess: (pid: number) => boolean,
): string[] {
  return listing
    .split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(name => {
      const pid = Number(NAME.exec(name)?.[1])
      if (Number.isNaN(pid)) return false
      return pid === process.pid ? !ours.has(name) : !isAliveProcess(pid)
    })
}

/** Ends the processes of a listing of `ip netns pids`, one number a line, but never this one, should it have gone in. */
function endProcesses(listing: string): void {
  for (const pid of listing.split('\n').map(Number)) {
    if (!(pid > 0) || pid === process.pid) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user exists although it may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
