// What every printer of rules for a router's configuration gives back.

import { printRule } from './print.ts'
import type { Rule } from './rule.ts'

/** `impossible`: the router has no words for something of the rules; each problem names rule and reason. Nothing is printed then. */
export type Printed =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'impossible'; readonly problems: readonly string[] }

export const textOf = (lines: readonly string[]): Printed => ({
  kind: 'text',
  text: lines.map(line => `${line}\n`).join(''),
})

export const problemOfRule = (rule: Rule, what: string): string => `${printRule(rule)}: ${what}`
