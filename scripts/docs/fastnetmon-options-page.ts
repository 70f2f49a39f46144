// The reference page of fastnetmon.conf: every option and what becomes of it.

import { type ConfOption, OPTIONS } from '#compat/fastnetmon/option-table.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
\`--config fastnetmon.conf\` reads FastNetMon's own file (1.2.4 and later; words of 1.1 are known too) with its networks list, whitelist
and hostgroups. It is read only when named. Lines are \`key = value\`; numbers and switches are read as leniently as FastNetMon reads
them, and what that hides is reported with its line. An option that is not carried is named in one warning, and only when it would do something.
`

const PARTS: readonly { state: ConfOption['state']; title: string; words: string }[] = [
  {
    state: 'honoured',
    title: 'Honoured',
    words: 'These do what they do in FastNetMon. The native setting is what each becomes.',
  },
  {
    state: 'later',
    title: 'Later',
    words: 'These come with later versions; until then they have no effect.',
  },
  { state: 'never', title: 'Never', words: 'These have no place here.' },
]

export function fastnetmonOptionsPage(): string {
  const parts = PARTS.map(({ state, title, words }) => {
    const options = OPTIONS.filter(option => option.state === state)
    return `## ${title}\n\n${words}\n\n${state === 'honoured' ? honouredTable(options) : otherTable(options)}`
  })
  return `${pageHead('Options of fastnetmon.conf', 'src/compat/fastnetmon/option-table.ts')}${INTRODUCTION}\n${parts.join('\n\n')}\n`
}

const honouredTable = (options: readonly ConfOption[]): string =>
  table(
    ['option', 'kind', 'native setting', 'note'],
    options.map(({ name, kind, setting, note }) => [
      `\`${name}\``,
      kind,
      setting === '' ? '' : `\`${setting}\``,
      note,
    ]),
  )

const otherTable = (options: readonly ConfOption[]): string =>
  table(
    ['option', 'kind', 'note'],
    options.map(({ name, kind, note }) => [`\`${name}\``, kind, note]),
  )
