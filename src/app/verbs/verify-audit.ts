// The verb audit verify: asks the daemon, or reads the state when none runs.

import type { AuditVerdict } from '#api/contract/audit.ts'
import { clientAt } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { Door } from '#lib/door.ts'
import { errorText, stackText } from '#lib/log/facts.ts'
import { readHeadFile } from '#store/audit-head.ts'
import { verifyAudit as verify } from '#store/verify-audit.ts'
import { auditVerdict } from '../state/audit-view.ts'
import { placeOf, readOffline } from '../state/offline-state.ts'

export interface VerifyOptions {
  readonly state: string
  readonly door: Door
  readonly config: string | undefined
  readonly json: boolean
  readonly debug: boolean
}

interface Output {
  out(text: string): void
  err(text: string): void
}

/** A long audit takes some seconds. */
const ANSWER_MS = 300_000

/** Exit code 0 when the audit is intact, 1 when it is broken or cannot be read. */
export async function verifyAudit(options: VerifyOptions, { out, err }: Output): Promise<number> {
  const asked = await clientAt(options.door, ANSWER_MS).call(ROUTES.verifyAudit, {})
  if (asked.kind === 'failed' && (asked.failure.kind !== 'absent' || options.door.kind === 'url')) {
    err(`floodwarden: ${failureText(asked.failure)}\n`)
    return 1
  }
  try {
    const verdict = asked.kind === 'ok' ? asked.value : await verifyOffline(options)
    out(options.json ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict))
    return verdict.verdict === 'intact' ? 0 : 1
  } catch (error) {
    err(`floodwarden: ${options.debug ? stackText(error) : errorText(error)}\n`)
    return 1
  }
}

const verifyOffline = async ({ state, config }: VerifyOptions): Promise<AuditVerdict> =>
  auditVerdict(
    await readOffline(placeOf(state, config), (queries, backEnd) =>
      verify(queries, readHeadFile(state, backEnd)),
    ),
  )

/** `intact, 700 entries from 1801 (2026-01-15T12:00:00.000Z) to 2500 (...)`, or the first entry that is not. */
export function verdictText(verdict: AuditVerdict): string {
  if (verdict.verdict === 'broken') {
    return (
      `broken at entry ${verdict.sequence}: ${verdict.problem}\n` +
      'Whatever stands behind it cannot be believed. Compare with the log and with backups of before.\n'
    )
  }
  const { entries, first, last, checkpoint, hasHeadFile } = verdict
  const place = (at: { readonly sequence: number; readonly at: string }) => `${at.sequence} (${at.at})`
  const range = first === undefined || last === undefined ? '' : ` from ${place(first)} to ${place(last)}`
  const before =
    checkpoint === undefined
      ? ''
      : `Entries up to ${checkpoint.sequence} are not here: retention deleted them, or the state was begun anew (${checkpoint.at}).\n`
  const head = hasHeadFile
    ? ''
    : 'No file beside the state says which the newest entry is: an end that was cut together with its mark would not show.\n'
  return `intact, ${entries} entries${range}\n${before}${head}`
}
