import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress } from '#lib/ip/address.ts'
import {
  defaultInterface,
  interfaceNames,
  ownAddresses,
  parseDefaultRoute4,
  parseDefaultRoute6,
  parseInterfaceNames,
} from './interface.ts'

const ROUTE4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth1\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
*\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0
eth2\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`
const ZERO = '0'.repeat(32)
const GATEWAY = 'fe800000000000000000000000000001'
const route6 = (target: string, length: string, metric: string, flags: string, name: string) =>
  `${target} ${length} ${ZERO} 00 ${GATEWAY} ${metric} 00000001 00000000 ${flags} ${name.padStart(8)}\n`

test('the IPv4 default route with the lowest metric wins; half of the Internet and an unreachable one are none', () => {
  assert.equal(parseDefaultRoute4(ROUTE4), 'eth0')
})

test('without an IPv4 default route there is none', () => {
  assert.equal(parseDefaultRoute4(''), undefined)
  assert.equal(parseDefaultRoute4(ROUTE4.split('\n').slice(0, 1).join('\n')), undefined)
})

test('the IPv6 default route with the lowest metric wins over the kernel’s own unreachable one', () => {
  const text =
    route6(ZERO, '00', 'ffffffff', '00200200', 'lo') +
    route6(ZERO, '00', '00000400', '00000003', 'eth1') +
    route6(ZERO, '00', '00000100', '00000003', 'eth0') +
    route6(`fd${'0'.repeat(30)}`, '40', '00000001', '00000001', 'eth2')

  assert.equal(parseDefaultRoute6(text), 'eth0')
  assert.equal(parseDefaultRoute6(route6(ZERO, '00', 'ffffffff', '00200200', 'lo')), undefined)
  assert.equal(parseDefaultRoute6(''), undefined)
})

test('names of interfaces are read with and without a space behind the colon', () => {
  const text = 'Inter-|   Receive\n face |bytes\n    lo:    3193 29\nenp1s0f0np0:12345 1\n'

  assert.deepEqual(parseInterfaceNames(text), ['lo', 'enp1s0f0np0'])
})

test('this machine has a loopback interface and its addresses only when they are asked for', () => {
  assert.ok(interfaceNames().includes('lo'))
  const usual = ownAddresses().map(formatAddress)

  assert.ok(
    !usual.some(address => address === '127.0.0.1' || address === '::1' || address.startsWith('fe80:')),
  )
  assert.equal(new Set(usual).size, usual.length)
  const all = ownAddresses({ loopback: true, linkLocal: true }).map(formatAddress)
  assert.ok(usual.every(address => all.includes(address)))
})

test('the default interface, if there is one, exists', () => {
  const name = defaultInterface()

  assert.ok(name === undefined || interfaceNames().includes(name))
})
