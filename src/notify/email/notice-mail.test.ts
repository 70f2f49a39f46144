import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notice } from '../notice/notices-for-tests.ts'
import { spokenOf } from '../notice/spoken.ts'
import { wordsFor } from '../notice/words.ts'
import { emailSchema } from './config.ts'
import { headerOf, mailServer, unfolded } from './mail-server-for-tests.ts'
import { noticeMail } from './notice-mail.ts'
import { deliver } from './smtp.ts'

test('a notice is a mail in plain text and HTML, and the mails of one group are a thread', async t => {
  const server = await mailServer(t, { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] })
  const config = emailSchema.parse({
    ...{ server: `127.0.0.1:${server.port}`, tls: 'off', from: 'guard@example.net', to: ['noc@example.net'] },
  })
  const mail = (kind: 'opened' | 'ended', first?: string) => {
    const told = { ...notice(kind), id: `g-a-1.${kind}` }
    return noticeMail(told, spokenOf(told, wordsFor(told), 'https://guard.example.net/attacks/a-1'), first)
  }

  const sent = [await deliver(mail('opened'), config), await deliver(mail('ended', 'g-a-1.opened'), config)]
  const [opened = '', ended = ''] = server.taken

  assert.deepEqual(sent, Array(2).fill({ kind: 'taken', refused: [] }))
  assert.match(opened, /^Subject: =\?UTF-8\?Q\?Floodwarden=3A_Attack_on_192=2E0=2E2=2E1/m)
  assert.match(headerOf(opened, 'Content-Type') ?? '', /^multipart\/alternative;/)
  assert.deepEqual(opened.match(/^Content-Type: text\/\w+/gm), [
    'Content-Type: text/plain',
    'Content-Type: text/html',
  ])
  assert.match(unfolded(opened), /Customer: +Acme <Ltd> & "Co"/)
  assert.match(unfolded(opened), /Acme &lt;Ltd&gt; &amp; &quot;Co&quot;/)
  assert.doesNotMatch(unfolded(opened), /<(?:img|script|link)|src=3D"|url\(/)
  assert.equal(headerOf(ended, 'In-Reply-To'), '<g-a-1.opened@example.net>')
  assert.equal(headerOf(ended, 'Message-ID'), '<g-a-1.ended@example.net>')
})
