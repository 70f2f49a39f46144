// Clients of a resolver: dnsperf, once for each address they ask from, and how many of their questions were answered.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../namespace.ts'
import { LABEL_LENGTHS, labelOf, ZONE } from './question.ts'

export interface Asking {
  /** Where the clients are. */
  readonly role: string
  /** A file of `writeQuestions`. */
  readonly questions: string
  /** Addresses of the role, one dnsperf for each. */
  readonly from: readonly string[]
  readonly resolver: string
  /** All clients together. */
  readonly questionsPerSecond: number
  readonly seconds: number
}

export interface Answered {
  readonly asked: number
  /** With an answer that is no error, within a second. */
  readonly answered: number
  /** Seconds on average, of those that were answered; 0: none was. */
  readonly latency: number
}

/** A question without an answer is lost after so long. */
const LOST_SECONDS = 1
/** Sockets, and so source ports, of each client. */
const SOCKETS = 4
const NAMES = 600
/** Questions that may be open at a time: more than are lost within that second. */
const OPEN_MAX = 5000

/** Settles when the last question is answered or lost; throws when a client could not ask. */
export async function ask(lab: Lab, asking: Asking): Promise<Answered> {
  const all = await Promise.all(asking.from.map(address => askFrom(lab, asking, address)))
  const sum = (of: (one: Answered) => number) => all.reduce((total, one) => total + of(one), 0)
  const answered = sum(one => one.answered)
  return {
    asked: sum(one => one.asked),
    answered,
    latency: answered === 0 ? 0 : sum(one => one.latency * one.answered) / answered,
  }
}

/** 0 to 1; of no questions none was answered. */
export const shareOf = ({ asked, answered }: Answered): number => (asked === 0 ? 0 : answered / asked)

async function askFrom(
  lab: Lab,
  { role, from, questions, resolver, questionsPerSecond, seconds }: Asking,
  address: string,
): Promise<Answered> {
  const words = Object.entries({
    s: resolver,
    a: address,
    d: questions,
    l: seconds,
    Q: questionsPerSecond / from.length,
    q: OPEN_MAX,
    t: LOST_SECONDS,
    c: SOCKETS,
  }).flatMap(([name, value]) => [`-${name}`, String(value)])
  const { code, stdout, stderr } = await lab.exec(role, ['dnsperf', '-e', ...words], {
    timeoutMilliseconds: (seconds + 10) * 1000,
  })
  if (code !== 0) throw new Error(`dnsperf from ${address}: exit ${code}: ${stderr}`)
  return answeredOf(stdout)
}

/** What dnsperf says at its end; throws when it says nothing of the kind. */
export function answeredOf(text: string): Answered {
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
  if (!text.includes('Queries sent:')) throw new Error(`dnsperf does not say how it went:\n${text}`)
  return {
    asked: number(/Queries sent:\s+(\d+)/),
    answered: number(/Response codes:.*NOERROR (\d+)/),
    latency: number(/Average Latency \(s\):\s+([\d.]+)/),
  }
}

/** Names to ask for, as many lengths of them as there are. Gives back the path of the file. */
export function writeQuestions(folder: string): string {
  const file = join(folder, 'questions')
  const lines = Array.from({ length: NAMES }, (_, at) => {
    const label = labelOf(at, LABEL_LENGTHS[at % LABEL_LENGTHS.length] ?? LABEL_LENGTHS[0])
    return `${label}.${ZONE} ${at % 3 === 2 ? 'AAAA' : 'A'}\n`
  })
  writeFileSync(file, lines.join(''))
  return file
}
