// A failed call in words, and the fields of a form that are wrong.

import type { Failure } from './api.ts'

export interface FailureWords {
  /** What happened. */
  readonly title: string
  /** What it means and what to do. */
  readonly help: string
  /** By the name of the field, as in the request: `cells.0.name`. */
  readonly fields: Readonly<Record<string, string>>
}

export function failureWords(failure: Failure): FailureWords {
  switch (failure.kind) {
    case 'aborted':
      return { title: 'The question was given up.', help: 'Ask again.', fields: {} }
    case 'unreachable':
      return {
        title: 'The daemon does not answer.',
        help: 'Whether it runs is told by floodwarden status on its machine. What is shown here may be out of date.',
        fields: {},
      }
    case 'refused': {
      const { title, detail, means, do: act, errors = [] } = failure.problem
      const what = detail === undefined ? title : `${title.replace(/\.$/, '')}: ${detail}`
      return {
        title: what,
        help: `${means} ${act}`,
        fields: Object.fromEntries(errors.map(({ at, problem }) => [at, problem])),
      }
    }
  }
}
