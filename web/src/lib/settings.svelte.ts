// How somebody likes to see things: kept in this browser alone.

import type { Zone } from './time-text.ts'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

class Settings {
  theme = $state<Theme>(kept('theme', THEMES, 'auto'))
  zone = $state<Zone>(kept('zone', ['utc', 'local'], 'utc'))
  /** Whether single keys do something: whoever dictates turns them off. */
  hasKeys = $state(kept('keys', ['on', 'off'], 'on') === 'on')

  /** Whether what happens is shown as it happens. */
  hasNews = $state(kept('news', ['on', 'off'], 'off') === 'on')

  setTheme(theme: Theme): void {
    this.theme = theme
    keep('theme', theme)
    applyTheme()
  }

  setZone(zone: Zone): void {
    this.zone = zone
    keep('zone', zone)
  }

  setNews(isOn: boolean): void {
    this.hasNews = isOn
    keep('news', isOn ? 'on' : 'off')
  }

  setKeys(isOn: boolean): void {
    this.hasKeys = isOn
    keep('keys', isOn ? 'on' : 'off')
  }
}

export const settings = new Settings()

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = settings.theme
}

/** A browser may forbid to keep anything; then each visit begins anew. */
function kept<Word extends string>(name: string, words: readonly Word[], preset: Word): Word {
  try {
    const text = localStorage.getItem(`floodwarden.${name}`)
    return words.find(word => word === text) ?? preset
  } catch {
    return preset
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`floodwarden.${name}`, value)
  } catch {
    // Nothing is kept, and nothing is lost but a preference.
  }
}
