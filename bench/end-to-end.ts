// From start to end of the whole program: how soon it is ready, what memory it takes, how soon it ends.
//
// 65,536 hosts are monitored. Memory is read when nothing has come yet, and again after each host had traffic.

import { atMost, printGates } from './gate.ts'
import { type Life, live, middleLives } from './life.ts'
import { benchOptions } from './options.ts'
import { onStage } from './stage.ts'
import { isPeer, OURS, PEER, startsOf } from './starters.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 5
const NETWORK = '10.10.0.0/16'
/** Sixteen for each host: a random draw leaves out about one in nine million. */
const TOUCHING_PACKETS = 1 << 20
const READY_GATE_SECONDS = 1
const END_GATE_SECONDS = 5

const FLOOD = {
  scenario: 'throughput-60',
  mode: 'burst',
  rate: 'max',
  packets: TOUCHING_PACKETS,
  target: NETWORK,
  seconds: 30,
} as const

const lives = await onStage(async stage => {
  const found: Life[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const start of startsOf(OURS, PEER)) found.push(await live(stage, start, NETWORK, FLOOD))
  return found
})
const middle = middleLives(lives)
printTable(
  `a life with 65,536 monitored hosts, ${ROUNDS} rounds`,
  ['detector', 'ready s', 'idle MB', 'all hosts touched MB', 'most MB', 'end s'],
  middle.map(({ detector, startSeconds, idle, touched, most, endSeconds }) => [
    detector,
    startSeconds,
    Math.round(idle),
    Math.round(touched),
    Math.round(most),
    isPeer(detector) ? 'killed' : endSeconds.toFixed(2),
  ]),
)
const [ours] = middle
if (ours) {
  printGates([
    atMost('ready', ours.startSeconds, READY_GATE_SECONDS, 's'),
    atMost('ended on SIGTERM', ours.endSeconds, END_GATE_SECONDS, 's'),
  ])
}
