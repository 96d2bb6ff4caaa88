// Which addresses may be handed to the system's browser. Pure.

/** Sites the console's own pages link to. */
const SITES: ReadonlySet<string> = new Set(['www.iana.org', 'crontab.guru', 'github.com']);

/** The parsed address, or undefined for whatever is not plain https to a site of the list. */
export function externalAddress(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || !SITES.has(url.hostname)) return undefined;
  if (url.username !== '' || url.password !== '' || url.port !== '') return undefined;
  return url.href;
}
