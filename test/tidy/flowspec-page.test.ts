// The page about FlowSpec names each component and each router profile as the code has them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ROUTER_PROFILES, type RouterProfile } from '#lib/flowspec/router-profile/profile.ts'
import { COMPONENT_NUMBERS, type ComponentType, LARGEST } from '#lib/flowspec/rule.ts'

const PAGE = new URL('../../docs/reference/flowspec.md', import.meta.url)

const hex = (bits: number) => `0x${bits.toString(16)}`

function componentRow([type, number]: [string, number]): string {
  const largest = Object.entries(LARGEST).find(([name]) => name === type)?.[1]
  return `| ${number} | \`${type}\` | ${largest ?? 'a prefix'} |`
}

function profileRow([key, profile]: [string, RouterProfile]): string {
  const { name, families, eitherOr, tcpFlags, fragment, actions, rateStepBytes, isEnforcing, largestNlri } =
    profile
  const cells = [
    `\`${key}\``,
    name,
    isEnforcing ? 'yes' : 'no',
    families.join(', '),
    eitherOr.map(pair => pair.join(' or ')).join('; ') || '-',
    `${hex(tcpFlags)}, ${hex(fragment)}`,
    actions.join(', '),
    rateStepBytes,
    largestNlri,
    profile.evidence,
    profile.note,
  ]
  return `| ${cells.join(' | ')} |`
}

test('the page about FlowSpec has the rows that the code has', () => {
  const page = readFileSync(PAGE, 'utf8')
  const components: [string, number][] = Object.entries(COMPONENT_NUMBERS) satisfies [
    ComponentType | string,
    number,
  ][]
  const rows = [...components.map(componentRow), ...Object.entries(ROUTER_PROFILES).map(profileRow)]

  assert.deepEqual(
    rows.filter(row => !page.includes(row)),
    [],
  )
})
