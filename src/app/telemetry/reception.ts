// How a telemetry worker gets its datagrams: in batches by system calls, or one by one from node:dgram.

import { setTimeout as sleep } from 'node:timers/promises'
import { type DatagramMemory, PLACE_BYTES } from '#1-capture/udp/datagram-memory.ts'
import { openDgramReceiver } from '#1-capture/udp/dgram-receiver.ts'
import { formatListenAddress } from '#lib/listen-address.ts'
import { errorText } from '#lib/log/facts.ts'
import { WrappingCounter } from '../capture/wrapping-counter.ts'
import { streamReception } from './stream-reception.ts'
import type { OpenedSocket, TelemetryTask } from './task.ts'
import { type Reception, type Turns, WAIT_MS } from './turns.ts'

export type Opened =
  | { readonly kind: 'open'; readonly reception: Reception; readonly fallback: string | undefined }
  | { readonly kind: 'failed'; readonly problem: string }

/** A batch below this is small: others are waited for. */
const SMALL_BATCH = 32
const SMALL_WAIT_MS = 1
/** After a receive that failed, so that a broken socket does not take a core. */
const ERROR_WAIT_MS = 100

/** The reception that was asked for; node:dgram where system calls cannot be made. */
export async function receptionOf(
  task: Pick<TelemetryTask, 'plan' | 'socket'>,
  memory: DatagramMemory,
  load: () => Promise<SystemCalls | string> = systemCalls,
): Promise<Opened> {
  const place = formatListenAddress(task.plan.listen)
  try {
    if (task.plan.receiver === 'tcp')
      return { kind: 'open', reception: await streamReception(task.plan, memory), fallback: undefined }
    if (task.plan.receiver === 'dgram')
      return { kind: 'open', reception: await dgramReception(task, memory), fallback: undefined }
    const calls = await load()
    if (typeof calls !== 'string')
      return { kind: 'open', reception: batchReception(task, memory, calls), fallback: undefined }
    return { kind: 'open', reception: await dgramReception(task, memory), fallback: calls }
  } catch (error) {
    return { kind: 'failed', problem: `cannot receive on ${place}: ${errorText(error)}` }
  }
}

export type SystemCalls = typeof import('#1-capture/udp/socket.ts') & typeof import('#1-capture/udp/batch.ts')

/** The modules that make system calls, or why they cannot. */
async function systemCalls(): Promise<SystemCalls | string> {
  try {
    return { ...(await import('#1-capture/udp/socket.ts')), ...(await import('#1-capture/udp/batch.ts')) }
  } catch (error) {
    return errorText(error)
  }
}

function batchReception(
  { plan, socket }: Pick<TelemetryTask, 'plan' | 'socket'>,
  memory: DatagramMemory,
  { openUdpSocket, closeUdpSocket, udpStatistics, DatagramBatch }: SystemCalls,
): Reception {
  const opened: OpenedSocket = socket ?? openUdpSocket({ ...plan, waitMs: WAIT_MS })
  const { fd, port, receiveBytes } = opened
  const batch = new DatagramBatch(memory)
  const shown = new Int32Array(1)
  const drops = new WrappingCounter(shown, 0)
  return {
    facts: { port, receiveBytes, receiver: 'batch' },
    statistics: () => {
      const { drops: counted, queuedBytes } = udpStatistics(fd)
      shown[0] = counted
      return { drops: drops.read(), queuedBytes, connections: undefined }
    },
    close: () => closeUdpSocket({ fd }),
    run: async turns => {
      while (!turns.isStopped()) {
        const count = batch.receive(fd)
        // After the wait, so that nothing is counted for a tick that ended while it was waited for.
        turns.turn()
        const nowMs = Date.now()
        for (let place = 0; place < count; place++) turns.take(place, batch.take(place), nowMs)
        if (count >= 0 && count < memory.places) turns.drained(count, nowMs)
        if (count < 0) turns.pause(ERROR_WAIT_MS)
        else if (count > 0 && count < SMALL_BATCH) turns.pause(SMALL_WAIT_MS)
      }
      turns.turn()
    },
  }
}

async function dgramReception(
  { plan, socket }: Pick<TelemetryTask, 'plan' | 'socket'>,
  memory: DatagramMemory,
): Promise<Reception> {
  if (socket !== undefined) (await import('#1-capture/udp/socket.ts')).closeUdpSocket(socket)
  let turns: Turns | undefined
  const receiver = await openDgramReceiver(plan, memory, bytes => {
    turns?.turn()
    turns?.take(0, Math.min(bytes, PLACE_BYTES), Date.now())
  })
  return {
    facts: { port: receiver.port, receiveBytes: receiver.receiveBytes, receiver: 'dgram' },
    statistics: () => ({ drops: 0, queuedBytes: 0, connections: undefined }),
    close: () => receiver.close(),
    run: async running => {
      turns = running
      while (!running.isStopped()) {
        await sleep(WAIT_MS)
        running.turn()
      }
    },
  }
}
