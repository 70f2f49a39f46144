import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { run } from '../run-for-tests.ts'

const typed = (...texts: string[]) => texts.map(text => ({ text, isTyped: true }))

test('a user is added with a password that is typed twice, piped in, or in a file', async t => {
  const file = join(temporaryFolder(t), 'password')
  writeFileSync(file, 'from a file\n')
  const twice = await run('users add ann --role admin', { secrets: typed('correct horse', 'correct horse') })
  const piped = await run('users add bob --role viewer --customer acme globex', {
    secrets: [{ text: 'piped in', isTyped: false }],
  })
  const filed = await run(`users passwd ann --password-file ${file}`)

  assert.equal(twice.out, 'ann may log in as operator of acme.\n')
  assert.deepEqual(
    twice.asked.filter(one => one !== twice.asked[2]),
    [
      'Password: ',
      'The same again: ',
      {
        ...{ name: 'ann', password: 'correct horse', role: 'admin' },
      },
    ],
  )
  assert.deepEqual(piped.asked.at(-1), {
    ...{ name: 'bob', password: 'piped in', role: 'viewer', customers: ['acme', 'globex'] },
  })
  assert.deepEqual(filed.asked.at(-1), { name: 'ann', password: 'from a file' })
})

test('without a password, or with two that differ, nothing is asked of the daemon', async () => {
  const none = await run('users add ann --role admin')
  const differ = await run('users passwd ann', { secrets: typed('one', 'two') })

  assert.deepEqual([none.code, none.asked], [1, ['Password: ']])
  assert.match(none.err, /no password came: type one, pipe one in, or say --password-file/)
  assert.deepEqual([differ.code, differ.asked.length], [1, 2])
  assert.match(differ.err, /the two differ/)
})

test('users are listed, changed, disabled and removed', async () => {
  const list = await run('users')
  const change = await run('users change ann --role operator --all-customers')
  const disable = await run('users disable ann')
  const remove = await run('users remove ann')
  const wrong = await run('users add ann --role root')
  const both = await run('users change ann --customer acme --all-customers')

  assert.match(
    list.out,
    /^name +role +for +logged in +added\nann +operator +of acme +2026-11-20 .* by uid:0\n$/,
  )
  assert.deepEqual(change.asked.at(-1), { name: 'ann', role: 'operator', customers: null })
  assert.deepEqual(disable.asked.at(-1), { name: 'ann', disabled: true })
  assert.equal(remove.out, 'ann is gone.\n')
  assert.deepEqual([wrong.code, both.code, both.asked], [2, 2, []])
})

test('a token is shown once, with what to do with it, and revoked by its name', async () => {
  const add = await run('tokens add edge --role operator --expires 90d')
  const list = await run('tokens list')
  const revoke = await run('tokens revoke edge')
  const past = await run('tokens add edge --role operator --expires 2020-01-01T00:00:00Z')

  assert.match(
    add.out,
    /^fwt_5f1c9a0b7e3d2468_\S+\n\nThis is the token of fastnetmon-edge, operator, until 2027-/,
  )
  const { expiresAt } = add.asked.at(-1) as { expiresAt: string }
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 90 * 86_400_000) < 60_000)
  assert.doesNotMatch(list.out, /fwt_/)
  assert.deepEqual(revoke.asked.at(-1), { id: 'edge' })
  assert.deepEqual([past.code, past.asked], [2, []])
})
