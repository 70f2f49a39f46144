import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { readRuleFiles } from './rule-files.ts'

test('files and folders of rules are read, by name, and what is none is told', t => {
  const folder = temporaryFolder(t)
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('b.json', `\uFEFF${JSON.stringify(ddpsRule({ thenaction: 'accept' }))}`)
  write('a.json', JSON.stringify([ddpsRule(), ddpsRule({ tcpflags: 'psh' })]))
  write('readme.txt', 'no rule')
  write('c.dat', 'head;fnm;noop;1;x')
  mkdirSync(join(folder, 'empty'))

  const { rules, problems } = readRuleFiles([folder, join(folder, 'empty'), join(folder, 'missing')])

  assert.deepEqual(
    rules.map(({ at, rule, isWatched, seconds }) => [at.slice(folder.length), rule, isWatched, seconds]),
    [
      [
        '/a.json[0]',
        'destination 10.0.0.5/32 protocol =udp source-port =123 packet-length =468 then discard',
        false,
        600,
      ],
      ['/b.json', 'destination 10.0.0.5/32 protocol =udp source-port =123 packet-length =468', true, 600],
    ],
  )
  assert.deepEqual(
    problems.map(({ at, problem }) => `${at.slice(folder.length)} ${problem.slice(0, 24)}`),
    [
      '/empty has no .json or .dat fil',
      '/missing cannot be read: ENOENT: ',
      '/a.json[1] tcpflags has "psh", whic',
      '/c.dat does not end with last-l',
    ],
  )
})
