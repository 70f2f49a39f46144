// A notice as a mail: plain text and HTML of the same words, the mails of one group in one thread.

import type { Notice } from '../notice/notice.ts'
import type { Spoken } from '../notice/spoken.ts'
import type { Mail } from './compose.ts'

const COLOURS = { low: '#2e7d32', medium: '#b26a00', high: '#c43e00', critical: '#b00020' } as const
const LISTED_MAX = 50

/** `first`: the id of the mail it belongs to. */
export function noticeMail(notice: Notice, spoken: Spoken, first: string | undefined): Mail {
  const id = notice.id.replaceAll(/[^A-Za-z0-9.-]/g, '-')
  return {
    ...{ id, about: first, at: notice.at, subject: `Floodwarden: ${spoken.title}` },
    text: textOf(notice, spoken),
    html: htmlOf(notice, spoken),
  }
}

type Listed = Notice['listed']

function textOf({ listed, attacks }: Notice, { title, text, facts, link }: Spoken): string {
  const rows = facts.map(([name, value]) => `${`${name}:`.padEnd(12)} ${value}`)
  const targets = listed.length > 1 ? ['', ...targetLines(listed, attacks)] : []
  return [title, '', text, '', ...rows, ...targets, ...(link === undefined ? [] : ['', link]), ''].join('\n')
}

const targetLines = (listed: Listed, attacks: number): string[] => [
  'Targets:',
  ...listed
    .slice(0, LISTED_MAX)
    .map(
      ({ target, vector, packetsPerSecond, isOpen }) =>
        `  ${target} ${vector} ${packetsPerSecond} packets/s${isOpen ? '' : ', over'}`,
    ),
  ...(attacks > listed.length ? [`  and ${attacks - listed.length} more`] : []),
]

/** Tables and styles on elements, because that is what mail programs show alike. Nothing is loaded from anywhere. */
function htmlOf(notice: Notice, { title, text, facts, link }: Spoken): string {
  const colour = notice.kind === 'ended' ? COLOURS.low : COLOURS[notice.severity]
  const cell = 'style="padding:2px 12px 2px 0;vertical-align:top"'
  const rows = facts
    .map(
      ([name, value]) =>
        `<tr><th ${cell} align="left">${escaped(name)}</th><td ${cell}>${escaped(value)}</td></tr>`,
    )
    .join('')
  const targets =
    notice.listed.length > 1
      ? `<pre style="font-size:13px">${escaped(targetLines(notice.listed, notice.attacks).join('\n'))}</pre>`
      : ''
  const more = link === undefined ? '' : `<p><a href="${escaped(link)}">Open in Floodwarden</a></p>`
  return [
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"></head>',
    '<body style="font-family:sans-serif;font-size:15px;color:#1a1a1a">',
    `<h1 style="font-size:18px;border-left:6px solid ${colour};padding-left:10px">${escaped(title)}</h1>`,
    `<p>${escaped(text).replaceAll('\n', '<br>')}</p><table>${rows}</table>${targets}${more}</body></html>`,
  ].join('\n')
}

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
