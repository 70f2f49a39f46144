import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import type { Courier, Delivery } from './deliver.ts'
import { Journal } from './journal.ts'
import { type Desk, postRules, sendWaiting, withdrawRules } from './post-rules.ts'
import { settingsFrom } from './settings.ts'
import { WorkFolder } from './work-folder.ts'

const HOST = '10.0.0.5'
const RULES = '["a","b"]'

/** A desk whose courier answers with these, one after the other, and notes what it was given. */
function deskWith(t: TestContext, ...answers: readonly Delivery[]) {
  const folder = temporaryFolder(t)
  const work = WorkFolder.open(join(folder, 'spool'), 60_000)
  const settled = settingsFrom({ FLOODWARDEN_ENVIRONMENT_FILE: '/nonexistent', FLOODWARDEN_RETRIES: '0' })
  assert.ok(settled.kind === 'settings' && !('problem' in work))
  const left = [...answers]
  const sent: string[] = []
  const withdrawn: (readonly [text: string, ids: readonly string[]])[] = []
  const courier: Courier = {
    deliver: async text => {
      sent.push(text)
      const answer = left.shift()
      assert.ok(answer)
      return answer
    },
    withdraw: async (text, ids) => {
      withdrawn.push([text, ids])
      return { kind: 'done', text: '1 withdrawn' }
    },
  }
  const journal = new Journal({ name: 'test', file: join(folder, 'log'), isVerbose: false, err: () => {} })
  const endsAt = performance.now() + 60_000
  const desk: Desk = { folder: work, courier, journal, settings: settled.settings, endsAt }
  return { desk, sent, withdrawn }
}

test('rules before one that is refused are taken back at unban', async t => {
  const refused = { kind: 'refused', problem: 'quota', made: 1, ids: ['r1'] } as const
  const { desk, sent, withdrawn } = deskWith(t, refused)

  assert.equal(await postRules(desk, HOST, RULES), 'refused')
  // The next report of the attack finds that the host has a rule.
  assert.equal(await postRules(desk, HOST, RULES), 'done')
  assert.equal(await withdrawRules(desk, HOST), 'done')

  assert.deepEqual(sent, [RULES])
  assert.deepEqual(withdrawn, [[RULES, ['r1']]])
})

test('when none was made, nothing is to be taken back', async t => {
  const { desk, withdrawn } = deskWith(t, { kind: 'refused', problem: 'no rights', made: 0, ids: [] })

  assert.equal(await postRules(desk, HOST, RULES), 'refused')
  assert.equal(await withdrawRules(desk, HOST), 'done')

  assert.deepEqual(withdrawn, [])
})

test('of rules that went in two calls all are taken back', async t => {
  const failed = { kind: 'failed', problem: 'busy', left: '["b"]' } as const
  const { desk, sent, withdrawn } = deskWith(t, failed, { kind: 'done', ids: [] })

  assert.equal(await postRules(desk, HOST, RULES), 'kept')
  assert.equal(await sendWaiting(desk), 'done')
  assert.equal(await withdrawRules(desk, HOST), 'done')

  assert.deepEqual(sent, [RULES, '["b"]'])
  assert.deepEqual(withdrawn, [[RULES, []]])
})
