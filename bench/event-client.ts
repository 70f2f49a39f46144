// Sends events to the API as a foreign detector does, over connections that are kept, and tells how long each answer took.
//
// Runs in a process of its own. Takes an `EventLoad` as its argument, prints `WARM` when it begins to measure, and in the end an
// `EventResult`; both are JSON. It warms up itself too: a client that is compiled while answers are timed takes processors
// from the server, as no detector of a network would.

import { connect, type Socket } from 'node:net'
import { assert } from '#lib/assert.ts'

export interface EventLoad {
  readonly port: number
  /** Of the bench alone: it is known to whoever lists processes. */
  readonly token: string
  readonly connections: number
  /** Events per second; 0: as fast as answers come. */
  readonly rate: number
  /** Sent likewise before anything is measured. */
  readonly warmSeconds: number
  readonly seconds: number
  /** One in so many is about a host that was not reported before. */
  readonly opensEach: number
}

export interface EventResult {
  readonly sent: number
  readonly seconds: number
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly worstMs: number
  /** How many were answered with each status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly processorSeconds: number
}

export const WARM = 'warm'
const HEAD_END = '\r\n\r\n'

/** One connection: a request at a time, answered in full before the next. */
class Line {
  readonly #socket: Socket
  readonly #head: string
  #text = ''
  #answered: ((status: string) => void) | undefined

  constructor(socket: Socket, token: string) {
    this.#socket = socket
    const authorization = `Authorization: Bearer ${token}\r\n`
    this.#head = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\n${authorization}Content-Type: application/json\r\n`
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
  }

  static async open({ port, token }: EventLoad): Promise<Line> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Line(socket, token)
  }

  ask(body: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#answered = resolve
    this.#socket.write(`${this.#head}Content-Length: ${body.length}${HEAD_END}${body}`)
    return promise
  }

  #read(chunk: string): void {
    this.#text += chunk
    const end = this.#text.indexOf(HEAD_END)
    if (end < 0) return
    const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1] ?? 0)
    if (this.#text.length < end + HEAD_END.length + length) return
    const status = this.#text.slice(9, 12)
    this.#text = ''
    this.#answered?.(status)
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** The host of a number, in 10.0.0.0/8. */
const hostOf = (number: number): string => `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`

function eventOf(number: number, { opensEach }: EventLoad): string {
  const opened = Math.floor(number / opensEach)
  const about = number % opensEach === 0 ? opened : Math.floor(Math.random() * opened)
  return JSON.stringify({
    ...{ event_id: `bench-${number}`, timestamp: new Date().toISOString(), source: 'bench' },
    ...{ victim_ip: hostOf(about), vector: 'udp_flood', bps: 900_000_000, pps: 700_000 },
    ...{ top_dst_ports: [53], confidence: 0.5, action: 'ban' },
  })
}

/** `firstEvent` distinguishes the names of events, and which hosts were reported before. */
async function send(
  lines: readonly Line[],
  load: EventLoad,
  wanted: number,
  firstEvent: number,
): Promise<EventResult> {
  const times: number[] = []
  const statuses: Record<string, number> = {}
  const processor = process.cpuUsage()
  const began = performance.now()
  const until = began + wanted * 1000
  let sent = 0
  const work = async (line: Line) => {
    for (;;) {
      const number = sent
      const due = load.rate === 0 ? performance.now() : began + (number * 1000) / load.rate
      if (due >= until || performance.now() >= until) return
      sent++
      const wait = due - performance.now()
      if (wait > 0.5) await new Promise(resolve => setTimeout(resolve, wait))
      // From the moment it was due: who waits for a free connection waits for the server.
      const status = await line.ask(eventOf(firstEvent + number, load))
      times.push(performance.now() - due)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(lines.map(work))
  const seconds = (performance.now() - began) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  const { user, system } = process.cpuUsage(processor)
  return {
    ...{ sent: times.length, seconds, perSecond: times.length / seconds, statuses },
    ...{ medianMs: at(0.5), p99Ms: at(0.99), worstMs: at(1), processorSeconds: (user + system) / 1e6 },
  }
}

if (import.meta.main) {
  const [argument] = process.argv.slice(2)
  assert(argument !== undefined, 'the load is the argument')
  const load = JSON.parse(argument) as EventLoad
  const lines = await Promise.all(Array.from({ length: load.connections }, () => Line.open(load)))
  const warm = await send(lines, load, load.warmSeconds, 0)
  console.log(WARM)
  console.log(JSON.stringify(await send(lines, load, load.seconds, warm.sent)))
  for (const line of lines) line.close()
}
