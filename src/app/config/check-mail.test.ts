import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkMail } from './check-mail.ts'
import { configSchema } from './config.ts'

const SOURCE = { settings: {}, problems: [], locate: () => ({ file: 'f.yaml', line: 1, column: 1 }) }

const toldOf = (email: object) =>
  checkMail(configSchema.parse({ notify: { email } }), SOURCE).map(({ path }) => path)

test('mails that would go nowhere, and passwords in the open, are named', () => {
  assert.deepEqual(toldOf({}), [])
  assert.deepEqual(toldOf({ server: 'mail.example.net:587', to: ['noc@example.net'] }), [])
  assert.deepEqual(toldOf({ server: 'mail.example.net:587' }), ['notify.email.to'])
  assert.deepEqual(
    toldOf({
      server: 'localhost:25',
      to: ['noc@example.net'],
      user: 'me',
      tls: 'off',
      passwordFile: '/nowhere',
    }),
    ['notify.email.tls', 'notify.email.passwordFile'],
  )
})
