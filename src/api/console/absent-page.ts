// What a browser is shown when there is no console to be served: why, and what works nonetheless.

export const absentPage = (why: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Floodwarden</title></head><body><h1>The console is not here yet</h1>
<p>${escaped(why)}</p>
<p>Detection does not need it: the command <code>floodwarden</code> and the <a href="/api/v1/reference">API</a> are there.</p>
</body></html>
`

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escaped = (text: string): string => text.replace(/[&<>"]/g, sign => ENTITIES[sign] ?? sign)
