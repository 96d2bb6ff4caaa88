// Loaded before the built main process: `electron` is the double, and the suite evaluates functions beside it, as Playwright does.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context),
});

interface Ask {
  readonly id: number;
  readonly source: string;
  readonly arg: unknown;
}

process.on('message', ({ id, source, arg }: Ask) => {
  const work = async (): Promise<unknown> => {
    const electron: unknown = await import('electron');
    // Functions come as text over the channel: they are the suite's own.
    const run = new Function('electron', 'arg', `return (${source})(electron, arg)`);
    return (await run(electron, arg)) as unknown;
  };
  work().then(
    (value) => process.send?.({ id, value }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
