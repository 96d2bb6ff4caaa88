// Says that the core or the broker is gone, since when, and what still holds. Recovers by itself.
import { useApi, useLinkState } from '#console/renderer/transport/use-api.ts';
import { useNow } from '#console/renderer/ui/clock.ts';
import { OfflineBanner } from '#console/renderer/ui/states.tsx';
import { durationText } from '#console/renderer/ui/time-text.ts';

/** Shorter gaps are not worth a word: a reload of the server takes this long. */
const QUIET_MS = 1_500;

export function LinkBanner() {
  const link = useLinkState();
  const status = useApi('core.status', {});
  const now = useNow();
  if (link.is === 'refused') {
    return (
      <OfflineBanner>
        <strong>The console core does not let this page in.</strong> {link.fault.message}.{' '}
        {link.fault.hint}
      </OfflineBanner>
    );
  }
  if (link.is === 'gone' && now - link.sinceAt > QUIET_MS) {
    return (
      <OfflineBanner>
        <strong>No answer from the console core</strong> for {roughly(now - link.sinceAt)}. What you
        see is what it last said. Machines keep running their schedules; this page reconnects by
        itself.
      </OfflineBanner>
    );
  }
  const broker = status.data?.broker;
  if (!broker || broker.online || link.is !== 'open') return null;
  return (
    <OfflineBanner>
      <strong>The core cannot reach the broker</strong> {broker.url}
      {broker.reason ? ` (${broker.reason})` : ''}. Machines keep running their schedules and will
      report later; what they do now is unknown, not missed.
    </OfflineBanner>
  );
}

const roughly = (ms: number): string =>
  durationText(Math.max(1_000, Math.floor(ms / 1_000) * 1_000));
