// `muster status`: what this console knows at a glance.
import type { Command } from 'commander';
import { z } from 'zod';
import type { CoreStatus } from '#console/views.ts';
import { ok } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { paint } from './output.ts';
import { act, verbCommand } from './verb.ts';

/** Exit 3 when no core runs or its broker is not reached. */
export function statusCommand(): Command {
  const command = verbCommand('status', 'What this console knows at a glance.', [
    'status',
    'status --json',
  ]);
  return act(command, z.object({}), ({ home }) =>
    withCore(home, async (core) => {
      const status = await core.call('core.status', {});
      if (!status.ok) return status;
      const json = { ...status.value, home, running: core.live };
      const lines = statusLines(status.value, home, core.live);
      return ok({ json, lines, exit: core.live && status.value.broker.online ? 0 : 3 });
    }),
  );
}

function statusLines(status: CoreStatus, home: string, live: boolean): readonly string[] {
  const { broker, agents } = status;
  const core = live
    ? paint('green', `running since ${status.startedAt}`)
    : paint('yellow', 'not running: `muster serve` collects and publishes');
  const link = broker.online
    ? paint('green', `online since ${broker.since ?? '?'}`)
    : paint('red', `offline${broker.reason === null ? '' : `: ${broker.reason}`}`);
  return [
    `Fleet     ${status.fleet} (home ${home}, trust version ${status.trustVersion})`,
    `Core      ${core}`,
    `Broker    ${broker.url}${live ? ` ${link}` : ''}`,
    `Machines  ${agents.total}, ${agents.online} online`,
  ];
}
