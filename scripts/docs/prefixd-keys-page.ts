// The reference page of prefixd's files: every key and what becomes of it.

import { KEY_STATES, type KeyState, PREFIXD_FILES, PREFIXD_KEYS } from '#compat/prefixd/key-table.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
\`--config /etc/prefixd\` reads the folder of a prefixd (0.10.1 to 0.19): \`prefixd.yaml\`, \`inventory.yaml\`, \`playbooks.yaml\` and,
when it is there, \`alerting.yaml\`. \`floodwarden check /etc/prefixd\` prints this table for the keys that are written, each with its
line. Keys that are not here are unknown: they are ignored, as prefixd does, and named with the nearest known key. What prefixd
documents and does not do is done here where it can be, and each such key is told. Secrets are printed nowhere; of each only
where it is written is kept. How to change over: [from prefixd to Floodwarden](../operate/migrate-from-prefixd.md).
`

const WORDS: Readonly<Record<KeyState, string>> = {
  honoured: 'does here what it does in prefixd, or what prefixd says that it does',
  translated: 'serves the same end in another way',
  kept: 'is read and checked, and nothing uses it',
  'not-carried': 'has no effect',
}

const words = (state: KeyState): string => state.replace('-', ' ')

export function prefixdKeysPage(): string {
  const states = KEY_STATES.map(state => `- ${words(state)}: ${WORDS[state]}.`).join('\n')
  const parts = PREFIXD_FILES.map(file => {
    const rows = PREFIXD_KEYS.filter(row => row.file === file).map(({ key, state, setting, note }) => [
      `\`${key}\``,
      words(state),
      setting === '' ? '' : `\`${setting}\``,
      note,
    ])
    return `## ${file}\n\n${table(['key', 'state', 'native setting', 'note'], rows)}`
  })
  const head = pageHead('Keys of prefixd', 'src/compat/prefixd/key-table.ts')
  return `${head}${INTRODUCTION}\n${states}\n\n${parts.join('\n\n')}\n`
}
