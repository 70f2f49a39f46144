// The words of the demonstration.

import type { RecordedCall } from '../recording-script.ts'

/** A sentence of the story. */
export const tell = (words: string): void => void process.stdout.write(`\n▸ ${words}\n`)

/** What a program said, set in. */
export const show = (text: string): void =>
  void process.stdout.write(`\n${text.trimEnd().replaceAll(/^(?=.)/gm, '    ')}\n`)

/** A call of the script: its words, and the report it read without lines of zeros, or without counters told before. */
export function showCall({ action, argv, stdin, environment }: RecordedCall): void {
  const [counters = '', packets = ''] = stdin.split('\n\n\n')
  const read = action === 'attack_details' ? `(the same counters)\n\n${packets}` : counters
  const lines = read.split('\n').filter(line => !/: 0(?:\.0)? (?:mbps|packets|flows|bytes)/.test(line))
  const why = `FLOODWARDEN_THRESHOLD=${environment['FLOODWARDEN_THRESHOLD']} FLOODWARDEN_VALUE=${environment['FLOODWARDEN_VALUE']}`
  show([`$ notify.sh ${argv.join(' ')}   (${why})`, ...shortened(lines)].join('\n'))
}

const FLOW_LINE = / bytes \d+ packets$/

/** Two lines of flows tell as much as twenty. */
function shortened(lines: readonly string[]): string[] {
  const flows = lines.filter(line => FLOW_LINE.test(line))
  return lines.flatMap(line => {
    if (!FLOW_LINE.test(line) || flows.length <= 3) return [line]
    const at = flows.indexOf(line)
    return at < 2 ? [line] : at === 2 ? [`… ${flows.length - 2} more lines`] : []
  })
}
