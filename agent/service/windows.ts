// The agent as a Windows service through Shawl, a small service host. Written from its and Windows' documentation; not tried.
import type { ServiceManager, ServiceRequest } from './services.ts';

const NAME = 'muster-agent';
/** Windows makes it with the service: no password, no rights but its own. */
const ACCOUNT = `NT SERVICE\\${NAME}`;
const RESTART_MS = 1_000;
const FORGET_FAILURES_SECONDS = 86_400;
/** Longer than the agent needs to say goodbye; Shawl sends Ctrl-C, which arrives as SIGINT. */
const STOP_MS = 30_000;

/** Shawl is expected beside the runtime as shawl.exe; packages do not bring it. */
function shawl({ command, data }: ServiceRequest): readonly string[] {
  const [node = 'node.exe'] = command;
  const host = `${node.slice(0, node.lastIndexOf('\\') + 1)}shawl.exe`;
  return [
    host,
    'add',
    '--name',
    NAME,
    '--cwd',
    data,
    '--stop-timeout',
    String(STOP_MS),
    '--restart',
    '--log-dir',
    `${data}\\log`,
    '--',
    ...command,
    'run',
    '--data',
    data,
  ];
}

const sc = (...words: readonly string[]) => ({ argv: ['sc.exe', ...words] });

export const windows: ServiceManager = {
  name: 'windows',
  tested: false,
  prepare: () => [],
  files: () => [],
  enable: (request) => [
    { argv: shawl(request), unless: ['sc.exe', 'query', NAME] },
    sc('config', NAME, 'start=', 'delayed-auto', 'obj=', ACCOUNT),
    sc('description', NAME, 'Runs signed schedules on this machine and reports'),
    sc(
      'failure',
      NAME,
      'reset=',
      String(FORGET_FAILURES_SECONDS),
      'actions=',
      `restart/${RESTART_MS}/restart/${RESTART_MS}/restart/${RESTART_MS}`,
    ),
    // Also when it ends by itself with an exit code, not only when it crashes.
    sc('failureflag', NAME, '1'),
    { argv: ['icacls.exe', request.data, '/grant', `${ACCOUNT}:(OI)(CI)F`, '/T', '/Q'] },
  ],
  restart: () => [{ ...sc('stop', NAME), mayFail: true }, sc('start', NAME)],
  disable: () => [{ ...sc('stop', NAME), mayFail: true }],
  forget: () => [sc('delete', NAME)],
};
