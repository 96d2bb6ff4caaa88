// The core of this machine: the one that answers on the home's socket already, else one that is opened here.
import { socketPath } from '#console/server/places.ts';
import { type Serving, serve } from '#console/server/serve.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import type { Result } from '#shared/result.ts';
import { type LinkEnds, socketLink, type TextLink } from './text-link.ts';

export interface LocalCore {
  /** Faults: HOME_MISSING, HOME_INVALID, CORE_RUNNING and all others of serve. */
  readonly connect: (ends: LinkEnds) => Promise<Result<TextLink>>;
  readonly close: () => Promise<void>;
}

export function localCore(home: string, log: (line: string) => void): LocalCore {
  let own: Promise<Result<Serving>> | undefined;
  const start = async (): Promise<Result<Serving>> => {
    const options = { home, clock: systemClock, http: undefined, brokerUrl: undefined, log };
    const started = await serve(options);
    // Asked again next time: a home may be made, a lock be released.
    if (!started.ok) own = undefined;
    return started;
  };
  return {
    connect: async (ends) => {
      const path = socketPath(home);
      if (!path.ok) return path;
      const running = await socketLink(path.value, ends);
      if (running.ok) return running;
      own ??= start();
      const serving = await own;
      return serving.ok ? socketLink(path.value, ends) : serving;
    },
    close: async () => {
      const serving = await own;
      if (serving?.ok) await serving.value.close();
    },
  };
}
