// Whether the command palette and the list of keys are shown.

class Shown {
  palette = $state(false)
  help = $state(false)
}

export const shown = new Shown()

export function openPalette(): void {
  shown.palette = true
}
