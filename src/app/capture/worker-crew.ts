// What crews of counting workers have in common: their threads are started, sent plans, watched and stopped.

import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { CONTROL, type HostTables } from '#3-traffic/host-tables.ts'
import { COUNTING_YOUNG_MEGABYTES, threadOptions } from '#lib/thread-options.ts'

export interface CrewMember {
  readonly task: { readonly tables: HostTables }
  /** Missing before it was started, and after it has ended. */
  thread: Worker | undefined
  /** The newest plan it has taken. */
  planned: number
  /** Its heartbeats, and when the last one was seen. */
  beats: number
  beatAt: number
}

/** A member as it is before its thread is started. */
export const newMember = (): Omit<CrewMember, 'task'> => ({
  ...{ thread: undefined, planned: 0, beats: 0 },
  beatAt: performance.now(),
})

/** A worker looks between two blocks or batches; one that waits for its interface or port at once. */
const PLAN_MS = 5000
const PLAN_LOOK_MS = 5

export interface CrewStart<Member extends CrewMember, Message> {
  /** The file the threads run. */
  readonly file: URL
  readonly dataOf: (member: Member) => unknown
  readonly heard: (member: Member, message: Message) => void
  /** A worker ended by a mistake of ours: nothing can go on then. */
  readonly died: (error: unknown) => void
}

/** Settles when each worker has said something or has died. */
export async function startCrew<Member extends CrewMember, Message>(
  members: readonly Member[],
  { file, dataOf, heard, died }: CrewStart<Member, Message>,
): Promise<void> {
  await Promise.all(
    members.map(member => {
      const thread = new Worker(file, {
        workerData: dataOf(member),
        ...threadOptions(COUNTING_YOUNG_MEGABYTES),
      })
      thread.on('message', (message: Message) => heard(member, message))
      thread.on('error', died)
      thread.once('exit', () => {
        member.thread = undefined
      })
      member.thread = thread
      return new Promise<void>(resolve => {
        thread.once('message', () => resolve())
        thread.once('error', () => resolve())
      })
    }),
  )
}

/**
 * Sends all that run a plan. Settles when they go on by it, or after some seconds: a worker that hangs is told by its
 * heartbeat. Gives how many have not answered.
 */
export async function sendPlan<Sent extends { readonly plan: number }>(
  members: readonly CrewMember[],
  send: Sent,
): Promise<number> {
  const { plan } = send
  const waiting = members.filter(({ thread }) => thread !== undefined)
  for (const { thread, task } of waiting) {
    thread?.postMessage(send)
    callWorker(task.tables)
  }
  const isDone = () => waiting.every(({ planned, thread }) => planned >= plan || thread === undefined)
  const deadline = performance.now() + PLAN_MS
  while (!isDone() && performance.now() < deadline) await sleep(PLAN_LOOK_MS)
  return waiting.filter(({ planned }) => planned < plan).length
}

/** Looks whose heart has beaten; to be called every second. */
export function followBeats(members: readonly CrewMember[]): void {
  for (const member of members) {
    const beats = member.task.tables.control[CONTROL.heartbeat] ?? 0
    if (beats !== member.beats) member.beatAt = performance.now()
    member.beats = beats
  }
}

export const silentSeconds = ({ beatAt }: CrewMember): number => (performance.now() - beatAt) / 1000

export const controlSum = (members: readonly CrewMember[], word: number): number =>
  members.reduce((sum, { task }) => sum + (task.tables.control[word] ?? 0), 0)

/** Asks all workers to end and waits for those that have not ended by themselves. */
export async function stopCrew(members: readonly CrewMember[]): Promise<void> {
  await Promise.all(
    members.map(({ task, thread }) => {
      Atomics.store(task.tables.control, CONTROL.stop, 1)
      callWorker(task.tables)
      return thread && new Promise<void>(resolve => thread.once('exit', () => resolve()))
    }),
  )
}

/** Has a worker look whether something was sent or asked, also when it sleeps. */
export function callWorker({ control }: HostTables): void {
  Atomics.add(control, CONTROL.said, 1)
  Atomics.notify(control, CONTROL.said)
}
