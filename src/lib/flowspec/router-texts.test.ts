import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyRule } from './arbitrary-for-tests.ts'
import { printGobgp } from './gobgp-command.ts'
import { printIosXr } from './ios-xr.ts'
import { printJunos } from './junos.ts'
import { parseRule } from './parse.ts'
import type { Printed } from './printed.ts'

const ruleOf = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return parsed.value
}

const linesOf = (printed: Printed): string[] => {
  assert.ok(printed.kind === 'text', printed.kind === 'impossible' ? printed.problems.join('\n') : '')
  return printed.text.trimEnd().split('\n')
}

const whyNot = (printed: Printed): string =>
  printed.kind === 'impossible' ? printed.problems.join('\n') : 'printed'

const HOST = 'destination 192.0.2.1/32'
const HOST6 = 'destination 2001:db8::1/128'
const DNS = `${HOST} protocol =udp source-port =53 packet-length =512,>=1000&<=1500 then discard`
const SYN = `${HOST} protocol =tcp destination-port =80,=443 tcp-flags =syn&!ack then rate 125000 bytes/s`

test('gobgp: one command for a rule', () => {
  assert.deepEqual(linesOf(printGobgp([ruleOf(DNS), ruleOf(SYN)])), [
    "gobgp global rib add -a ipv4-flowspec match destination 192.0.2.1/32 protocol '==17' source-port '==53' packet-length '==512 >=1000&<=1500' then discard",
    "gobgp global rib add -a ipv4-flowspec match destination 192.0.2.1/32 protocol '==6' destination-port '==80 ==443' tcp-flags '=S&!A' then rate-limit 125000",
  ])
})

test('gobgp: what it has no words for is said', () => {
  const why = (text: string) => whyNot(printGobgp([ruleOf(text)]))

  assert.match(why(`${HOST} port true then discard`), /no words for this port/)
  assert.match(why(`${HOST} tcp-flags ae then discard`), /no words for this tcp-flags/)
  assert.match(why(`${HOST} then rate 5 packets/s`), /no words for rate-packets/)
  assert.match(why(HOST), /a rule without actions does nothing/)
})

test('Junos: flow routes of both families', () => {
  assert.deepEqual(
    linesOf(
      printJunos([
        ruleOf(DNS),
        ruleOf(SYN),
        ruleOf(
          `destination ::1/128 offset 64 protocol =58 icmp-type =128 fragment =is-fragment,=first then mark 8, action sample`,
        ),
      ]),
    ),
    [
      'set routing-options flow route floodwarden-1 match destination 192.0.2.1/32',
      'set routing-options flow route floodwarden-1 match protocol 17',
      'set routing-options flow route floodwarden-1 match source-port 53',
      'set routing-options flow route floodwarden-1 match packet-length [ 512 1000-1500 ]',
      'set routing-options flow route floodwarden-1 then discard',
      'set routing-options flow route floodwarden-2 match destination 192.0.2.1/32',
      'set routing-options flow route floodwarden-2 match protocol 6',
      'set routing-options flow route floodwarden-2 match destination-port [ 80 443 ]',
      'set routing-options flow route floodwarden-2 match tcp-flags "syn & !ack"',
      'set routing-options flow route floodwarden-2 then rate-limit 1000000',
      'set routing-options rib inet6.0 flow route floodwarden-3 match destination ::1/128',
      'set routing-options rib inet6.0 flow route floodwarden-3 match destination prefix-offset 64',
      'set routing-options rib inet6.0 flow route floodwarden-3 match protocol 58',
      'set routing-options rib inet6.0 flow route floodwarden-3 match icmp6-type 128',
      'set routing-options rib inet6.0 flow route floodwarden-3 match fragment [ is-fragment first-fragment ]',
      'set routing-options rib inet6.0 flow route floodwarden-3 then mark 8',
      'set routing-options rib inet6.0 flow route floodwarden-3 then sample',
    ],
  )
})

test('Junos: flags are an expression, and what is not documented is said', () => {
  const flags = (text: string) => linesOf(printJunos([ruleOf(`${HOST} tcp-flags ${text} then discard`)]))[1]
  const why = (text: string) => whyNot(printJunos([ruleOf(text)]))

  assert.match(
    flags('=syn+ack,rst+fin&!psh+urg') ?? '',
    /tcp-flags "syn & ack \| fin & !push & !urgent \| rst & !push & !urgent"$/,
  )
  assert.match(
    why(`${HOST} port =53 source-port =53 then discard`),
    /port or destination-port and source-port/,
  )
  assert.match(why(`${HOST} protocol !=6 then discard`), /takes values of protocol/)
  assert.match(why(`${HOST} tcp-flags ece then discard`), /tests fin, syn/)
  assert.match(why(`${HOST} fragment !=first then discard`), /single parts/)
  assert.match(why(`${HOST} then rate 5 packets/s`), /rate-packets is not documented/)
})

test('IOS XR: class maps, a policy and where it applies', () => {
  assert.deepEqual(linesOf(printIosXr([ruleOf(DNS), ruleOf(SYN)])), [
    'class-map type traffic match-all FLOODWARDEN-IPV4-1',
    ' match destination-address ipv4 192.0.2.1 255.255.255.255',
    ' match protocol 17',
    ' match source-port 53',
    ' match packet length 512 1000-1500',
    ' end-class-map',
    '!',
    'class-map type traffic match-all FLOODWARDEN-IPV4-2',
    ' match destination-address ipv4 192.0.2.1 255.255.255.255',
    ' match protocol 6',
    ' match destination-port 80 443',
    ' match tcp-flag 2 bit-mask 18',
    ' end-class-map',
    '!',
    'policy-map type pbr FLOODWARDEN-IPV4',
    ' class type traffic FLOODWARDEN-IPV4-1',
    '  drop',
    ' !',
    ' class type traffic FLOODWARDEN-IPV4-2',
    '  police rate 1000000 bps',
    ' !',
    ' class type traffic class-default',
    ' !',
    ' end-policy-map',
    '!',
    'flowspec',
    ' address-family ipv4',
    '  local-install interface-all',
    '  service-policy type pbr FLOODWARDEN-IPV4',
    ' !',
    '!',
  ])
})

test('IOS XR: alternatives are classes of their own, and what it cannot say is said', () => {
  const why = (text: string) => whyNot(printIosXr([ruleOf(text)]))
  const classes = linesOf(printIosXr([ruleOf(`${HOST} port =53 fragment =is-fragment,=first then discard`)]))

  assert.equal(classes.filter(line => line.startsWith('class-map')).length, 4)
  assert.match(why(`${HOST} port =53 then rate 1000 bytes/s`), /several classes/)
  assert.match(why(`${HOST6} fragment =first then discard`), /fragment in IPv6/)
  assert.match(why(`${HOST6} flow-label =5 then discard`), /flow-label/)
  assert.match(why(`${HOST} tcp-flags 0x200 then discard`), /TCP flags/)
  assert.match(why(`${HOST} then redirect 65001:100`), /redirect/)
})

test('any part of a fragmented packet has words everywhere', () => {
  const rule = ruleOf(`${HOST} fragment is-fragment+first+last then discard`)
  const whole = ruleOf(`${HOST} fragment !is-fragment+first+last then discard`)

  assert.match(
    linesOf(printJunos([rule]))[1] ?? '',
    /fragment \[ is-fragment first-fragment last-fragment \]$/,
  )
  assert.match(linesOf(printJunos([whole]))[1] ?? '', /fragment not-a-fragment$/)
  assert.equal(linesOf(printIosXr([rule])).filter(line => line.includes('fragment-type')).length, 3)
  assert.match(linesOf(printGobgp([rule]))[0] ?? '', /fragment 'is-fragment\+first-fragment\+last-fragment'/)
})

test('no printer throws, and each says yes or why not', () => {
  fc.assert(
    fc.property(anyRule, rule => {
      for (const print of [printGobgp, printJunos, printIosXr]) {
        const printed = print([rule])
        if (printed.kind === 'impossible') assert.ok(printed.problems.length > 0)
        else assert.doesNotMatch(printed.text, /undefined|NaN/)
      }
    }),
  )
})
