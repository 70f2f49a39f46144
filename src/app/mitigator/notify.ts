// FastNetMon's notify script for a MITIGATOR: `ban` switches the policy of the victim on, the report says which countermeasure
// goes with it, and `unban` puts back what no other victim needs.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from '#8-enforcement/mitigator/driver.ts'
import { attackOfReport, chooseCountermeasure } from '#8-enforcement/mitigator/words.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { errorText } from '#lib/log/facts.ts'
import { Journal } from '../decode-attack/journal.ts'
import { readReport } from '../decode-attack/read-report.ts'
import { type OpenMitigator, openMitigator } from './open-driver.ts'
import { type MitigatorSettings, mitigatorSettings } from './settings.ts'

export interface NotifyCall {
  readonly ip: string
  readonly direction: string
  readonly pps: string
  readonly action: string
}

export interface NotifyOptions {
  /** As FastNetMon gives them; undefined: only what earlier calls could not do is done. */
  readonly call: NotifyCall | undefined
  readonly isVerbose: boolean
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly err: (text: string) => void
  /** Asked for only when a report is to be read: at `unban` it is that of the detector itself. */
  readonly input: () => NodeJS.ReadableStream
}

const NAME = 'floodwarden-mitigator'
export const NOTIFY_EXIT = { done: 0, failed: 1, usage: 2, refused: 3, kept: 4 } as const
/** So long the policy waits for the report, which tells the protocol that may choose it. */
const REPORT_FIRST_MS = 500

/** Ends within FLOODWARDEN_TOTAL_SECONDS, whatever the server or standard input does, and never rejects. */
export async function notify(options: NotifyOptions, around: Surroundings): Promise<number> {
  const since = performance.now()
  const settled = mitigatorSettings(around.environment)
  if (settled.kind === 'problems') {
    for (const problem of settled.problems) around.err(`${NAME}: ${problem}\n`)
    return NOTIFY_EXIT.usage
  }
  const { settings } = settled
  const journal = new Journal({
    ...{ name: NAME, file: settings.log, isVerbose: options.isVerbose, err: around.err },
  })
  const late = sleep(settings.totalSeconds * 1000, undefined, { ref: false }).then(() => {
    journal.note(
      'error',
      `it took longer than ${settings.totalSeconds} s: what is left is kept for a later call`,
    )
    return NOTIFY_EXIT.kept
  })
  const work = answer(options.call, settings, journal, around, since).catch((error: unknown) => {
    journal.note('error', errorText(error))
    return NOTIFY_EXIT.failed
  })
  return Promise.race([work, late])
}

async function answer(
  call: NotifyCall | undefined,
  settings: MitigatorSettings,
  journal: Journal,
  around: Surroundings,
  since: number,
): Promise<number> {
  const usage = (problem: string): number => {
    journal.note('error', problem)
    return NOTIFY_EXIT.usage
  }
  const victim = call && parseAddress(call.ip.replace(/\/(?:32|128)$/, ''))
  if (call !== undefined && victim === undefined)
    return usage(`${JSON.stringify(call.ip.slice(0, 64))} is no address`)
  if (call?.direction === 'outgoing') {
    journal.note('info', `${call.ip}: outgoing, and MITIGATOR protects what comes in`)
    return NOTIFY_EXIT.done
  }
  const open = openMitigator(settings, (level, text) => journal.note(level, text), since)
  if ('problem' in open) return usage(open.problem)
  if (call === undefined || victim === undefined) return NOTIFY_EXIT[await open.driver.settle()]
  journal.note('info', `${call.action} ${call.ip} ${call.direction}, ${call.pps} packets/s`)
  if (call.action === 'unban') return NOTIFY_EXIT[await open.driver.release(victim)]
  return NOTIFY_EXIT[await protect(victim, call, open, journal, around)]
}

/** Details come with `ban` or with `attack_details`, and standard input may stay open without any. */
async function protect(
  victim: Address,
  { action, ip }: NotifyCall,
  { driver, settings }: OpenMitigator,
  journal: Journal,
  around: Surroundings,
): Promise<Outcome> {
  const reading = readReport(around.input(), settings.inputSeconds)
  const early = await Promise.race([reading, sleep(REPORT_FIRST_MS, undefined, { ref: false })])
  const first =
    early === undefined && action === 'ban'
      ? await driver.protect({ victim, protocol: 'udp', countermeasures: [] })
      : 'done'
  const report = early ?? (await reading)
  for (const note of report.notes) journal.note('warning', note)
  const attack = attackOfReport(report.text)
  const chosen = chooseCountermeasure(attack, settings.choices)
  if (chosen === undefined) {
    const isPlain = action === 'ban'
    journal.note(
      isPlain ? 'info' : 'warning',
      `${ip}: the report names no attack type and no protocol, so no countermeasure is chosen`,
    )
    if (!isPlain || early === undefined) return first
  } else {
    journal.note('info', `${ip}: ${attack.type ?? 'unknown'}, ${attack.protocol ?? 'unknown'}: ${chosen}`)
  }
  const protocol = attack.protocol === 'tcp' || attack.protocol === 'icmp' ? attack.protocol : 'udp'
  return driver.protect({ victim, protocol, countermeasures: chosen === undefined ? [] : [chosen] })
}
