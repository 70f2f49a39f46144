import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SILENT } from '#lib/log/logger.ts'
import { type SessionReport, type SessionState, Sessions } from './sessions.ts'

function watching() {
  const lines: string[] = []
  let nowMs = 1000
  const hear = (message: string, facts?: object) =>
    void lines.push(`${message} ${Object.values(facts ?? {}).join(' ')}`)
  const sessions = new Sessions('gobgpd', { ...SILENT, info: hear, warn: hear }, () => nowMs)
  const at = (milliseconds: number) => {
    nowMs = milliseconds
  }
  return { sessions, lines, at }
}

const report = (state: SessionState, address = '10.0.3.1', afiSafis: string[] = []): SessionReport => ({
  address,
  asn: 65_001,
  state,
  afiSafis,
})

test('a session is shown with its state and since when, and each change is one line', () => {
  const { sessions, lines, at } = watching()

  assert.equal(sessions.hear(report('active')), false)
  at(2000)
  sessions.hear(report('opensent'))
  at(3000)
  assert.equal(sessions.hear(report('established', '10.0.3.1', ['ipv4-unicast'])), true)
  at(4000)
  assert.equal(sessions.hear(report('established')), false)

  assert.deepEqual(sessions.list(), [
    { ...report('established', '10.0.3.1', ['ipv4-unicast']), sinceMs: 3000 },
  ])
  assert.deepEqual(lines, [
    'BGP session is down gobgpd 10.0.3.1 65001 active',
    'BGP session is up gobgpd 10.0.3.1 65001 established opensent',
  ])
})

test('when the daemon is lost every session is unknown since then, and up again is news', () => {
  const { sessions, at } = watching()
  sessions.hear(report('established'))
  at(5000)
  sessions.lose()
  at(6000)
  sessions.lose()

  assert.deepEqual(sessions.list(), [{ ...report('unknown'), sinceMs: 5000 }])
  assert.equal(sessions.hear(report('established')), true)
  const changes = [...sessions.values('gobgp')].find(({ name }) => name.includes('changes'))
  assert.equal(changes?.value, 0, 'nothing says that the session itself had ended')
})

test('neighbours that are taken out of the daemon are shown no more, and beyond the bound none is followed', () => {
  const { sessions } = watching()
  const many = Array.from({ length: 300 }, (_, at) => report('established', `10.0.${at >> 8}.${at & 255}`))

  sessions.hearAll(many)
  assert.equal(sessions.list().length, 256)
  const values = [...sessions.values('gobgp')]
  assert.equal(values.filter(({ name }) => name === 'floodwarden_bgp_session_up').length, 256)
  assert.equal(values.at(-1)?.value, 44)

  sessions.hearAll(many.slice(0, 1))
  assert.deepEqual(
    sessions.list().map(({ address }) => address),
    ['10.0.0.0'],
  )
})
