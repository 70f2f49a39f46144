import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { InterfaceRequests } from './interface-request.ts'
import { interfaceIndex } from './libc.ts'

test('loopback is known by name and by index, is up, and has its hardware type', t => {
  const requests = new InterfaceRequests()
  t.after(() => requests.close())

  assert.equal(requests.indexOf('lo'), interfaceIndex('lo'))
  assert.equal(requests.nameOf(requests.indexOf('lo')), 'lo')
  assert.equal(requests.isUp('lo'), /[1-9a-f]$/.test(readFileSync('/sys/class/net/lo/flags', 'utf8').trim()))
  assert.equal(requests.hardwareTypeOf('lo'), 772)
})

test('an interface that is not there has no answers', t => {
  const requests = new InterfaceRequests()
  t.after(() => requests.close())

  for (const name of ['', 'nowhere0', 'a-name-of-sixteen', '../lo']) {
    assert.equal(requests.indexOf(name), 0)
    assert.equal(requests.isUp(name), undefined)
    assert.equal(requests.hardwareTypeOf(name), undefined)
    assert.equal(requests.offloadsOf(name), undefined)
  }
  assert.equal(requests.nameOf(0x7fff_ffff), undefined)
})

test('offloads of loopback are told', t => {
  const requests = new InterfaceRequests()
  t.after(() => requests.close())

  const offloads = requests.offloadsOf('lo')

  assert.deepEqual(Object.keys(offloads ?? {}), ['gro', 'lro', 'tso'])
  assert.equal(offloads?.lro, false)
})
