// Mails that come while the queue is being opened.

import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { MailQueue } from './mail-queue.ts'

test('a mail that is being written while leftovers are looked for is none, and is kept', async t => {
  const directory = temporaryFolder(t)
  writeFileSync(join(directory, '1234567890123-left.json.tmp'), '{')
  const queue = new MailQueue({ directory, waitingMax: 100, waitingMs: 3_600_000 })
  const mails = Array.from({ length: 20 }, (_, at) => ({
    id: `m-${at}`,
    at: Date.now(),
    subject: 's',
    text: 't',
  }))

  await Promise.all(mails.flatMap(mail => [queue.put(mail), queue.open()]))

  assert.deepEqual([queue.unsaved, queue.size], [0, mails.length])
  const shown = readdirSync(directory)
  assert.equal(shown.length, mails.length)
  assert.ok(
    shown.every(name => name.endsWith('.json')),
    shown.join(' '),
  )
})
