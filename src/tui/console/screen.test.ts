import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EXAMPLE_EXPORTERS } from '#api/contract/examples.ts'
import { widthOf } from '../cells.ts'
import { textOf } from '../lines.ts'
import { banDialog, withdrawDialog } from './dialog.ts'
import { FACTS, STATE, textsOf } from './facts-for-tests.ts'
import { consoleLines, withinReach } from './screen.ts'
import { type ConsoleState, type Facts, PANES } from './state.ts'

const screen = (
  state: Partial<ConsoleState>,
  columns: number,
  rows: number,
  facts: Facts = FACTS,
): string[] => textsOf(consoleLines({ ...STATE, ...state }, facts, { columns, rows }))

test('traffic in a wide terminal', () => {
  assert.deepEqual(screen({}, 100, 14), [
    'Floodwarden 0.1.0   dry run   YYYY-MM-DD hh:mm:ss   budget mode   eth1 eth2',
    '[1 traffic]  2 attacks (1)   3 mitigations   4 exporters    by packets',
    'traffic       pps  mbps  flows/s',
    'incoming  136,539   218   49,128',
    'outgoing   34,147  54.0   14,288',
    'internal       12   0.1',
    'other           0   0.0',
    '1,208,345 packets received, 12 dropped (0.001 %), 0 pps not processed',
    '  host            direction     pps  mbps  flows/s  state',
    '> 10.99.1.1       incoming   34,434  55.0   13,068  *banned*',
    '  10.99.1.5       outgoing   34,389  55.0   11,401',
    '  2001:db8:99::1  incoming    1,200   9.6       12',
    '',
    '? help  q quit  1-4 panes  enter details  / filter  s sort  B ban  U unban  W withdraw',
  ])
})

test('the same after it became narrow and low: the least important columns and lines go', () => {
  assert.deepEqual(screen({}, 34, 10), [
    'Floodwarden 0.1.0   dry run   YYY…'.replace('YYY', '202'),
    '[1 traffic] 2 3 4   by packets',
    'traffic       pps  mbps  flows/s',
    'incoming  136,539   218   49,128',
    '  host               pps  mbps',
    '> 10.99.1.1       34,434  55.0',
    '  10.99.1.5       34,389  55.0',
    '  2001:db8:99::1   1,200   9.6',
    '',
    '? help  q quit  1-4 panes  enter …',
  ])
})

test('attacks, mitigations and exporters at several sizes', () => {
  const rows = (pane: ConsoleState['pane'], columns: number) => screen({ pane }, columns, 8).slice(1, 6)

  assert.deepEqual(rows('attacks', 110), [
    ' 1 traffic  [2 attacks (1)]  3 mitigations   4 exporters    by newest',
    '  target     what                    direction  peak pps  since     state  done            why',
    '> 10.99.1.1  dns-amplification 98 %  incoming     40,117  hh:mm:ss  over   script dry-run  incoming packets a…',
    '',
    '',
  ])
  assert.deepEqual(rows('attacks', 36).slice(1, 3), [
    '  target     what              state',
    '> 10.99.1.1  dns-amplificati…  over',
  ])
  assert.deepEqual(rows('mitigations', 60).slice(0, 3), [
    '1 2 [3 mitigations] 4   by newest',
    '  id            target     action  state      until',
    '> mi7kq3l9-1.0  10.99.1.1  filter  announced  hh:mm:ss',
  ])
  assert.deepEqual(rows('exporters', 80), [
    ' 1 traffic   2 attacks (1)   3 mitigations  [4 exporters]   by address',
    '  exporter   name    seen     datagrams    records  lost     rate  malformed',
    '> 192.0.2.1  edge-1  2 s ago     48,112  1,154,688     3  1:1,000          0',
    '',
    '',
  ])
})

test('details, help, questions and what came of an order take their places', () => {
  const details = screen({ pane: 'attacks', over: { kind: 'details', key: 'mi7kq3l9-1', scroll: 0 } }, 60, 12)
  const help = screen({ over: { kind: 'help' } }, 70, 20)
  const ban = screen({ over: { kind: 'dialog', dialog: banDialog('10.99.1.5') } }, 60, 8)
  const withdraw = { ...withdrawDialog('m-1', '10.99.1.1'), asks: 'confirm' } as const

  assert.match(details[2] ?? '', /^10\.99\.1\.5: 10\.99\.1\.5 went over its limit/)
  assert.ok(details.some(line => line.startsWith('  limit incoming packets: 20,000, now 30,102')))
  assert.ok(help.some(line => line.startsWith('W                 withdraw')))
  assert.equal(ban.at(-1), 'Ban host: 10.99.1.5_')
  assert.equal(
    screen({ over: { kind: 'dialog', dialog: withdraw } }, 60, 8).at(-1),
    'Withdraw m-1, which protects 10.99.1.1? y yes, n no',
  )
  assert.equal(screen({ notice: 'It is done.' }, 60, 8).at(-1), 'It is done.')
})

test('details are scrolled no further than to their end, however long a key is held', () => {
  const [columns, rows] = [60, 12]
  const over = { kind: 'details', key: 'mi7kq3l9-1', scroll: 10_000 } as const
  const far: ConsoleState = { ...STATE, pane: 'attacks', over }

  const end = withinReach(far, FACTS, { columns, rows })
  const scroll = end.over?.kind === 'details' ? end.over.scroll : 0
  const oneUp = { ...end, over: { ...over, scroll: scroll - 1 } }

  assert.ok(scroll > 0 && scroll < 1000)
  assert.deepEqual(screen(end, columns, rows), screen(far, columns, rows))
  assert.notDeepEqual(screen(oneUp, columns, rows), screen(far, columns, rows))
  assert.equal(withinReach(oneUp, FACTS, { columns, rows }), oneUp)
})

test('a long question or notice takes as many lines as it needs, up to four', () => {
  const notice = 'word '.repeat(40).trim()

  assert.deepEqual(screen({ notice: 'word word word word' }, 10, 8).slice(-2), ['word word', 'word word'])
  const long = screen({ notice }, 20, 12)
  assert.equal(long.length, 12)
  assert.deepEqual(long.slice(-4, -1), Array(3).fill('word word word word'))
  assert.equal(long.at(-5), '')
})

test('old numbers are told to be old, on the first line and the last', () => {
  const lines = screen({}, 90, 10, { ...FACTS, lost: { since: '10:11:12', why: 'no daemon answers' } })

  assert.match(lines[0] ?? '', /^OLD NUMBERS since hh:mm:ss {3}Floodwarden/)
  assert.equal(lines.at(-1), 'old numbers since hh:mm:ss: no daemon answers')
  assert.ok(lines.some(line => line.startsWith('> 10.99.1.1')))
})

test('an empty pane says why it is', () => {
  const { mitigations: _, ...others } = FACTS
  const none: Facts = { ...others, attacks: { kind: 'told', value: [] } }
  const refused: Facts = { ...FACTS, exporters: { kind: 'refused', why: 'You may not see this' } }

  assert.match(screen({ pane: 'attacks' }, 80, 8, none)[2] ?? '', /^Nothing is attacked/)
  assert.equal(screen({ pane: 'mitigations' }, 80, 8, none)[2], 'asking ...')
  assert.equal(screen({ pane: 'exporters' }, 80, 8, refused)[2], 'You may not see this')
  assert.match(screen({ filter: 'zzz' }, 80, 20)[9] ?? '', /^Nothing like that/)
})

test('names that would do something to a terminal do nothing', () => {
  const evil = { ...EXAMPLE_EXPORTERS.exporters[0]!, name: 'a\u001b]0;x\u0007\u202e東' }
  const exporters: Facts['exporters'] = {
    kind: 'told',
    value: { ...EXAMPLE_EXPORTERS, exporters: [evil] },
  }
  const lines = consoleLines(
    { ...STATE, pane: 'exporters' },
    { ...FACTS, exporters },
    {
      columns: 80,
      rows: 8,
    },
  )

  assert.ok(lines.some(line => textOf(line).includes('a\ufffd]0;x\ufffd\ufffd東')))
  assert.ok(lines.every(line => !/\p{Cc}/u.test(textOf(line))))
})

test('whatever the size, there are as many lines as fit, and none is too wide', () => {
  const size = { columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) }
  const overs: (ConsoleState['over'] | undefined)[] = [
    undefined,
    { kind: 'help' },
    { kind: 'filter', text: '東京' },
    { kind: 'details', key: 'mi7kq3l9-1', scroll: 7 },
    { kind: 'dialog', dialog: banDialog('') },
  ]
  fc.assert(
    fc.property(fc.record(size), fc.constantFrom(...PANES), fc.constantFrom(...overs), (room, pane, over) => {
      const lines = consoleLines({ ...STATE, pane, over }, FACTS, room)

      assert.equal(lines.length, room.rows)
      for (const line of lines) assert.ok(widthOf(textOf(line)) <= room.columns, textOf(line))
    }),
  )
})
