// Where the console is: the path and query of the browser's address, so that every view can be linked to and gone back to.

class Router {
  path = $state(location.pathname)
  /** Without its sign. */
  hash = $state(location.hash.slice(1))
  query = $state.raw(new URLSearchParams(location.search))

  /** Goes to a path with its query. `replace`: without a step to go back by, as a filter that is typed needs none. */
  go(to: string, { replace = false } = {}): void {
    if (to === location.pathname + location.search + location.hash) return
    if (replace) history.replaceState(null, '', to)
    else history.pushState(null, '', to)
    this.read()
    if (!replace) window.scrollTo(0, 0)
  }

  /** Sets words of the query, and leaves the others; undefined or empty takes one away. */
  set(words: Readonly<Record<string, string | undefined>>): void {
    const query = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(words))
      if (value === undefined || value === '') query.delete(name)
      else query.set(name, value)
    const text = query.toString()
    this.go(text === '' ? location.pathname : `${location.pathname}?${text}`, { replace: true })
  }

  get(name: string): string | undefined {
    return this.query.get(name) ?? undefined
  }

  read(): void {
    this.path = location.pathname
    this.hash = location.hash.slice(1)
    this.query = new URLSearchParams(location.search)
  }
}

export const router = new Router()

/** Links within the console are followed without a new page; to be called once. */
export function followLinks(): () => void {
  const onPop = () => router.read()
  const onClick = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '' || link.download !== '')
      return
    if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return
    // Within the page: to its content.
    if (link.hash !== '' && link.pathname === location.pathname) return
    event.preventDefault()
    router.go(link.pathname + link.search)
  }
  window.addEventListener('popstate', onPop)
  document.addEventListener('click', onClick)
  return () => {
    window.removeEventListener('popstate', onPop)
    document.removeEventListener('click', onClick)
  }
}
