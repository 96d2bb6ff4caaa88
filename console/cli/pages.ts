// Lists come in pages of at most 1,000; who asks for more gets them one after the other.
import { ok, type Result } from '#shared/result.ts';

const PAGE = 1_000;

export interface Page {
  readonly limit: number;
  readonly before?: string;
}

/** Up to `limit` items that `keep` lets through, newest first. */
export async function pages<T>(
  options: { readonly limit: number; readonly before?: string | undefined },
  load: (page: Page) => Promise<Result<readonly T[]>>,
  keyOf: (item: T) => string,
  keep: (item: T) => boolean = () => true,
): Promise<Result<readonly T[]>> {
  const kept: T[] = [];
  const size = Math.min(PAGE, Math.max(options.limit, 100));
  let { before } = options;
  for (;;) {
    const page = await load({ limit: size, ...(before === undefined ? {} : { before }) });
    if (!page.ok) return page;
    kept.push(...page.value.filter(keep));
    const last = page.value.at(-1);
    if (kept.length >= options.limit || page.value.length < size || last === undefined) {
      return ok(kept.slice(0, options.limit));
    }
    before = keyOf(last);
  }
}
