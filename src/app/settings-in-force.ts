// Whether settings of the configuration that may also be set over the API are in force, and what to do when they are not.

import { isDeepStrictEqual } from 'node:util'
import { type Config, defaultConfig } from './config/config.ts'

interface Part {
  /** The settings, by their path. */
  readonly path: string
  readonly of: (config: Config) => unknown
  /** Whether the API's are in force. */
  readonly isSet: () => boolean
  /** What sets it, and what goes back to the configuration. */
  readonly route: string
}

interface Alerts {
  readonly isSet: boolean
  readonly problems: readonly string[]
  /** Of those who take nothing; missing: nobody knows. */
  readonly failing?: readonly string[]
}

/** What was set over the API is in force until that is taken back, whatever a file says later. */
export class SettingsInForce {
  readonly #alerts: Alerts
  readonly #usual = defaultConfig()
  readonly #parts: readonly Part[]

  constructor(alerts: Alerts, rules: { readonly isSet: boolean }) {
    this.#alerts = alerts
    this.#parts = [
      {
        ...{ path: 'notify.webhooks', of: ({ notify }) => notify.webhooks },
        ...{ isSet: () => alerts.isSet, route: '/v1/config/alerting' },
      },
      {
        ...{ path: 'policy.correlation.groups', of: ({ policy }) => policy.correlation.groups },
        ...{ isSet: () => rules.isSet, route: '/v1/config/correlation' },
      },
    ]
  }

  /** A sentence for each part of which the configuration says something in vain, and what cannot be done as it says. */
  warnings(config: Config): string[] {
    const vain = this.#parts.filter(
      ({ of, isSet }) => isSet() && !isDeepStrictEqual(of(config), of(this.#usual)),
    )
    const texts = vain.map(({ path, route }) => `${path} is not in force: ${wordsOf(route)}`)
    return [...texts, ...this.#alerts.problems, ...(this.#alerts.failing ?? [])]
  }

  /** Why a setting that a reload changed is not in force; `undefined`: it is. */
  whyNot(setting: string): string | undefined {
    const part = this.#parts.find(({ path }) => setting === path || setting.startsWith(`${path}.`))
    return part?.isSet() ? wordsOf(part.route) : undefined
  }
}

const wordsOf = (route: string): string =>
  `what was set by PUT ${route} is, until DELETE ${route} goes back to the configuration`
