// The words of a notice for one destination: as usual, or by its template; and the page of the console about it.

import type { NotifyConfig } from '#notify/config.ts'
import type { NoticeDestinationConfig } from '#notify/destinations-config.ts'
import type { Notice } from '#notify/notice/notice.ts'
import { type Spoken, spokenOf } from '#notify/notice/spoken.ts'
import { type NoticeWords, wordsFor } from '#notify/notice/words.ts'
import { compileNoticeTemplate, fieldsOf } from '#notify/template/notice-fields.ts'

export interface TemplateTexts {
  readonly title?: string | undefined
  readonly text?: string | undefined
}

export class NoticeSpeaker {
  readonly #config: NotifyConfig

  constructor(config: NotifyConfig) {
    this.#config = config
  }

  templateOf({ template }: Pick<NoticeDestinationConfig, 'template'>): TemplateTexts {
    return template === undefined ? {} : (this.#config.templates[template] ?? {})
  }

  words(notice: Notice, { title, text }: TemplateTexts): NoticeWords {
    const usual = wordsFor(notice)
    if (title === undefined && text === undefined) return usual
    const fields = fieldsOf(notice, usual, this.link(notice) ?? '')
    const made = (template: string | undefined, instead: string) => {
      if (template === undefined) return instead
      const compiled = compileNoticeTemplate(template)
      // What is wrong with it was said when it was read; a message in other words is better than none.
      return compiled.kind === 'ok' ? compiled.render(fields) : instead
    }
    return { title: made(title, usual.title), text: made(text, usual.text) }
  }

  spoken(notice: Notice, template: TemplateTexts): Spoken {
    return spokenOf(notice, this.words(notice, template), this.link(notice))
  }

  link({ listed }: Notice): string | undefined {
    const { consoleUrl } = this.#config
    const [largest] = listed
    if (consoleUrl === undefined) return undefined
    const root = consoleUrl.replace(/\/$/, '')
    return largest === undefined || largest.id === 'gone' || largest.id === ''
      ? root
      : `${root}/attacks/${encodeURIComponent(largest.id)}`
  }
}
