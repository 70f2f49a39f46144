// What can be done from the keyboard: by the palette, and by keys. Pages add theirs while they are shown.

import { untrack } from 'svelte'

export interface Command {
  readonly title: string
  readonly group: string
  /** One key, or two one after the other: `?`, `g o`. Missing: by the palette alone. */
  readonly keys?: string
  run(): void
}

class Commands {
  #lists = $state.raw<readonly (() => readonly Command[])[]>([])

  get all(): readonly Command[] {
    return this.#lists.flatMap(list => list())
  }

  add(list: () => readonly Command[]): () => void {
    this.#lists = [...this.#lists, list]
    return () => {
      this.#lists = this.#lists.filter(each => each !== list)
    }
  }
}

export const commands = new Commands()

/** Adds commands as long as the component is shown; to be called while it is made. */
export function useCommands(list: () => readonly Command[]): void {
  $effect(() => untrack(() => commands.add(list)))
}
