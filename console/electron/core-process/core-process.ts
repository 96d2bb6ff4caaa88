// The core's process of the desktop: gives each port a way to a core, and says when that way opens and ends.
import { z } from 'zod';
import type { LinkNews } from '#console/electron/channels.ts';
import type { Fault, Result } from '#shared/result.ts';
import { localCore } from './local-core.ts';
import { type LinkEnds, serverLink, type TextLink } from './text-link.ts';

const connectSchema = z.strictObject({
  kind: z.literal('connect'),
  id: z.int(),
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('this-machine') }),
    z.strictObject({ kind: z.literal('server'), url: z.string(), token: z.string() }),
  ]),
});
type Connect = z.infer<typeof connectSchema>;
type Port = Electron.MessagePortMain;

const home = process.argv[2];
if (home === undefined) throw new Error('the home is the first argument');
const core = localCore(home, console.error);
const say = (news: LinkNews): void => process.parentPort.postMessage(news);

process.parentPort.on('message', ({ data, ports }) => {
  const [port] = ports;
  if (port) void bridge(connectSchema.parse(data), port);
});
process.once('SIGTERM', () => {
  void core.close().finally(() => process.exit(0));
});

async function bridge({ id, target }: Connect, port: Port): Promise<void> {
  let over = false;
  const lost = (fault: Fault): void => {
    if (over) return;
    over = true;
    port.close();
    say({ kind: 'lost', id, fault });
  };
  const link = await linkTo(target, { onText: (text) => port.postMessage(text), onEnd: lost });
  if (!link.ok) return lost(link.fault);
  port.on('message', ({ data }) => link.value.send(String(data)));
  port.on('close', () => {
    over = true;
    link.value.close();
  });
  port.start();
  say({ kind: 'open', id });
}

function linkTo(target: Connect['target'], ends: LinkEnds): Promise<Result<TextLink>> {
  if (target.kind === 'server') return serverLink(target.url, target.token, ends);
  return core.connect(ends);
}
