// Ten thousand machines in a console's home, put there by the store's own code while no core runs.
import { join } from 'node:path';
import { openConsoleStore } from '#console/core/store/open.ts';

const SITES = ['berlin', 'bremen', 'dresden', 'hamburg', 'koeln', 'muenchen'];
const KEY = `${'A'.repeat(42)}E=`;

/** `many-00001` … with labels site and role; they never said anything. */
export function addMachines(home: string, count: number): void {
  const store = openConsoleStore(join(home, 'console.db'));
  store.transaction(() => {
    for (let at = 1; at <= count; at++) {
      store.agents.putDevice(
        {
          kind: 'device',
          fleet: 'testfleet',
          agent: `many-${String(at).padStart(5, '0')}`,
          generation: 1,
          signKey: KEY,
          sealKey: KEY,
          labels: { site: SITES[at % SITES.length] ?? '', role: at % 3 === 0 ? 'server' : 'till' },
          revoked: false,
          issuedAt: '2026-01-01T00:00:00Z',
        },
        null,
      );
    }
  });
  store.close();
}
