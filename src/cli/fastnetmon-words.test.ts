import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromFastnetmon } from './fastnetmon-words.ts'

const translated = (line: string) => fromFastnetmon(line.split(' ')).join(' ')

test('the command lines of FastNetMon start the same thing here', () => {
  assert.equal(translated('--daemonize'), 'run --daemonize --config /etc/fastnetmon.conf')
  assert.equal(
    translated('--daemonize --configuration_file /etc/f.conf --log_file=/var/log/f.log --disable_pid_logic'),
    'run --daemonize --config /etc/f.conf --log-file /var/log/f.log --pid-file off',
  )
  assert.equal(translated('--log_to_console --pid_logic'), 'run --config /etc/fastnetmon.conf')
  assert.equal(translated('--configuration_check'), 'check /etc/fastnetmon.conf')
  assert.equal(translated('--configuration_check --configuration_file=/x.conf'), 'check /x.conf')
})

test('with a verb of ours only the words are translated', () => {
  assert.equal(translated('run --configuration_file /x.conf eth1'), 'run --config /x.conf eth1')
})

test('our own command lines stay as they are', () => {
  for (const line of [
    'run eth0',
    '--help',
    'check --json x.yaml',
    'ban 10.0.0.1 --reason --daemon',
    '--version',
  ]) {
    assert.equal(translated(line), line)
  }
})
