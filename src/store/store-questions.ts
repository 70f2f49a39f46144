// What may be asked of an open state while it is in use, answered beside the writes.

import { listAudit } from './audit.ts'
import { readHeadFile } from './audit-head.ts'
import type { BackupDone, BackupOrder, Question } from './change.ts'
import { countByTime } from './count-by-time.ts'
import { readEvents } from './events.ts'
import { readPastAttacks, readPastMitigations } from './past.ts'
import { withCopy, withTransaction } from './snapshot.ts'
import { StateFile } from './state-file.ts'
import type { DeskOptions, StoreDesk } from './store-desk.ts'
import { readTrafficDays } from './traffic-days.ts'
import { readTrafficTens } from './traffic-tens.ts'
import { verifyAudit } from './verify-audit.ts'
import { writeArchive } from './write-archive.ts'

/** Throws when nothing is open, and what the back end throws. */
export async function answerQuestion(
  { about, asked }: Question,
  desk: Pick<StoreDesk, 'state'>,
  options: Pick<DeskOptions, 'directory' | 'postgres' | 'clocks'>,
): Promise<unknown> {
  const { state } = desk
  if (state === undefined) throw new Error('the state is not open just now')
  switch (about) {
    case 'audit':
      return await listAudit(state.queries, asked)
    case 'verify':
      return await verifyAudit(state.queries, readHeadFile(options.directory, state.dialect.kind))
    case 'events':
      return await readEvents(state.queries, asked)
    case 'past-attacks':
      return await readPastAttacks(state.queries, asked)
    case 'past-mitigations':
      return await readPastMitigations(state.queries, asked)
    case 'traffic-days':
      return await readTrafficDays(state.queries, asked)
    case 'traffic-tens':
      return await readTrafficTens(state.queries, asked)
    case 'histogram':
      return await countByTime(state.queries, asked)
    case 'backup':
      return await backUp(asked, desk, options)
  }
}

async function backUp(
  { path, config }: BackupOrder,
  { state }: Pick<StoreDesk, 'state'>,
  { directory, postgres, clocks }: Pick<DeskOptions, 'directory' | 'postgres' | 'clocks'>,
): Promise<BackupDone> {
  const archive = { path, config, wallMs: clocks().wallMs }
  if (state instanceof StateFile)
    return await withCopy(state, directory, queries =>
      writeArchive({ ...archive, queries, backEnd: 'sqlite' }),
    )
  return await withTransaction(postgres ?? {}, queries =>
    writeArchive({ ...archive, queries, backEnd: 'postgres' }),
  )
}
