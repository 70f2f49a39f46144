import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientSocket, controlSocket, stateDirectory } from './state-directory.ts'

const HOME = { HOME: '/home/ann' }
const nothing = () => false

test('the flag wins over the environment, the environment over the defaults', () => {
  const environment = { ...HOME, FLOODWARDEN_STATE: '/srv/state' }

  assert.equal(stateDirectory({ flag: '/tmp/x', environment, uid: 0 }), '/tmp/x')
  assert.equal(stateDirectory({ flag: undefined, environment, uid: 0 }), '/srv/state')
  assert.equal(
    stateDirectory({ flag: undefined, environment: { FLOODWARDEN_STATE: '' }, uid: 0 }),
    '/var/lib/floodwarden',
  )
})

test('root keeps state in /var/lib, others where XDG says', () => {
  const at = (environment: Record<string, string>, uid: number) =>
    stateDirectory({ flag: undefined, environment, uid })

  assert.equal(at(HOME, 0), '/var/lib/floodwarden')
  assert.equal(at(HOME, 1000), '/home/ann/.local/state/floodwarden')
  assert.equal(at({ ...HOME, XDG_STATE_HOME: '/x' }, 1000), '/x/floodwarden')
  assert.equal(at({ ...HOME, XDG_STATE_HOME: 'relative' }, 1000), '/home/ann/.local/state/floodwarden')
})

test('the socket is in /run for the state of the system and inside the state otherwise', () => {
  assert.equal(controlSocket('/var/lib/floodwarden/'), '/run/floodwarden/control.sock')
  assert.equal(controlSocket('/tmp/x'), '/tmp/x/control.sock')
})

test('an operator without a daemon of his own reaches the one of the system', () => {
  const question = { flag: undefined, environment: HOME, uid: 1000 }
  const system = (path: string) => path.startsWith('/run/')

  assert.equal(clientSocket(question, system), '/run/floodwarden/control.sock')
  assert.equal(
    clientSocket(question, () => true),
    '/home/ann/.local/state/floodwarden/control.sock',
  )
  assert.equal(clientSocket(question, nothing), '/home/ann/.local/state/floodwarden/control.sock')
  assert.equal(clientSocket({ ...question, flag: '/tmp/x' }, system), '/tmp/x/control.sock')
})
