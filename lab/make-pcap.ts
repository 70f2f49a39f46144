// Command: writes scenarios into a pcap file, each with its own rate and beginning.

import { runCommand, SCENARIO_USAGE } from './arguments.ts'
import { writePieces } from './pieces.ts'

const USAGE = `node lab/make-pcap.ts FILE PIECE... [--seed N] [--snap BYTES]
  PIECE is a scenario with its options: NAME[,option=value]...
  for example: web,seconds=30 syn-flood,rate=20000,seconds=5,start=10
  start=S           seconds from the beginning of the file
${SCENARIO_USAGE.replaceAll('  --', '    ')}`

await runCommand(USAGE, () => {
  process.stdout.write(`${JSON.stringify(writePieces(process.argv.slice(2)))}\n`)
})
