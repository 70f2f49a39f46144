// The verb decode-attack: FastNetMon's notify script. The report of an attack becomes a rule, and the rule goes to an API.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '#lib/ip/address.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { errorText } from '#lib/log/facts.ts'
import { courierTo } from '../decode-attack/deliver.ts'
import { Journal } from '../decode-attack/journal.ts'
import {
  type Desk,
  type Outcome,
  postRules,
  sendWaiting,
  withdrawRules,
} from '../decode-attack/post-rules.ts'
import { readReport } from '../decode-attack/read-report.ts'
import { rulesOfReport } from '../decode-attack/rules-of-report.ts'
import { type DecodeSettings, settingsFrom } from '../decode-attack/settings.ts'
import { WorkFolder } from '../decode-attack/work-folder.ts'

export interface DecodeOptions {
  /** As FastNetMon gives them; undefined: only what waits is sent. */
  readonly call: DecodeCall | undefined
  readonly isVerbose: boolean
}

export interface DecodeCall {
  readonly ip: string
  readonly direction: string
  readonly pps: string
  readonly action: string
}

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly err: (text: string) => void
  /** Asked for only when a report is to be read: at `unban` it is that of the detector itself. */
  readonly input: () => NodeJS.ReadableStream
}

/** A call that is over is surely over so long after its time. */
const SPARE_SECONDS = 10

export const DECODE_EXIT = { done: 0, failed: 1, usage: 2, refused: 3, kept: 4, noRule: 5 } as const

/** Ends within FLOODWARDEN_TOTAL_SECONDS, whatever the server or standard input does, and never rejects. */
export async function decodeAttack(options: DecodeOptions, around: Surroundings): Promise<number> {
  const settled = settingsFrom(around.environment)
  if (settled.kind === 'problems') {
    for (const problem of settled.problems) around.err(`floodwarden-decode-attack: ${problem}\n`)
    return DECODE_EXIT.usage
  }
  const { settings } = settled
  const journal = new Journal({
    ...{ name: 'floodwarden-decode-attack', file: settings.log },
    ...{ isVerbose: options.isVerbose, err: around.err },
  })
  const seconds = settings.totalSeconds
  const late = sleep(seconds * 1000, undefined, { ref: false }).then(() => {
    journal.note('error', `it took longer than ${seconds} s: what was to be sent by then is kept`)
    return DECODE_EXIT.kept
  })
  const endsAt = performance.now() + seconds * 1000
  const work = answer(options.call, settings, journal, around, endsAt).catch((error: unknown) => {
    journal.note('error', errorText(error))
    return DECODE_EXIT.failed
  })
  return Promise.race([work, late])
}

async function answer(
  call: DecodeCall | undefined,
  settings: DecodeSettings,
  journal: Journal,
  around: Surroundings,
  endsAt: number,
): Promise<number> {
  const usage = (problem: string): number => {
    journal.note('error', problem)
    return DECODE_EXIT.usage
  }
  if (call === undefined) {
    const desk = openDesk(settings, journal, around, endsAt)
    return 'problem' in desk ? usage(desk.problem) : exitOf(await sendWaiting(desk))
  }
  const host = parseAddress(call.ip)
  if (host === undefined) return usage(`${JSON.stringify(call.ip.slice(0, 64))} is no address`)
  const { direction, action } = call
  if (action === 'unban' && settings.unban === 'ignore') {
    journal.note('info', `${call.ip}: unban, and its rule ends by itself`)
    return DECODE_EXIT.done
  }
  const desk = openDesk(settings, journal, around, endsAt)
  if ('problem' in desk) return usage(desk.problem)
  if (action === 'unban') return exitOf(await withdrawRules(desk, formatAddress(host)))
  const isOutgoing = direction === 'outgoing'
  return report({ host, direction: isOutgoing ? 'outgoing' : 'incoming' }, call, desk, around)
}

async function report(
  attack: { readonly host: Address; readonly direction: 'incoming' | 'outgoing' },
  { action, pps }: DecodeCall,
  desk: Desk,
  around: Surroundings,
): Promise<number> {
  const { journal, settings } = desk
  const host = formatAddress(attack.host)
  const read = await readReport(around.input(), settings.inputSeconds)
  for (const note of read.notes) journal.note('warning', note)
  journal.note(
    'info',
    `${action} ${host} ${attack.direction}, ${pps} packets/s, ${read.text.length} characters of report`,
  )
  const made = rulesOfReport(read.text, attack, settings)
  if (made.kind !== 'rules') {
    const isWaiting = made.kind === 'wait'
    journal.note(isWaiting ? 'info' : 'warning', `${host}: no rule: ${made.reason}`)
    await sendWaiting(desk)
    return isWaiting ? DECODE_EXIT.done : DECODE_EXIT.noRule
  }
  for (const told of made.told) journal.note('info', `${host}: ${told}`)
  const outcome = await postRules(desk, host, made.text)
  if (outcome === 'kept') return DECODE_EXIT.kept
  const waiting = await sendWaiting(desk)
  return exitOf(outcome === 'done' && waiting === 'kept' ? waiting : outcome)
}

function openDesk(
  settings: DecodeSettings,
  journal: Journal,
  { environment }: Surroundings,
  endsAt: number,
): Desk | { readonly problem: string } {
  const courier = courierTo(settings, environment)
  if ('problem' in courier) return courier
  const folder = WorkFolder.open(settings.folder, (settings.totalSeconds + SPARE_SECONDS) * 1000)
  return 'problem' in folder ? folder : { folder, courier, settings, journal, endsAt }
}

const exitOf = (outcome: Outcome): number => DECODE_EXIT[outcome]
