// Settings in force as rows: one for each value, by its path.

export interface SettingRow {
  readonly path: string
  readonly value: string
}

/** In the order of the configuration. Empty sections and lists are rows of their own. */
export function settingRows(settings: unknown, path = ''): SettingRow[] {
  if (typeof settings !== 'object' || settings === null) return [{ path, value: valueText(settings) }]
  if (Array.isArray(settings)) {
    const isPlain = settings.every(each => typeof each !== 'object' || each === null)
    if (isPlain) return [{ path, value: settings.length === 0 ? 'none' : settings.map(valueText).join(', ') }]
    return settings.flatMap((each: unknown, at) => settingRows(each, `${path}[${at}]`))
  }
  const entries = Object.entries(settings)
  if (entries.length === 0) return [{ path, value: 'none' }]
  return entries.flatMap(([name, each]) => settingRows(each, path === '' ? name : `${path}.${name}`))
}

const valueText = (value: unknown): string =>
  value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
