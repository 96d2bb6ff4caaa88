// The frame around every screen: bar on top, rail on the left, keyboard, palette, and word of a lost core.
import { CircleHelp, Search, SunMoon } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { screens } from '#console/renderer/screens.ts';
import { shellBridge } from '#console/renderer/transport/host.ts';
import { useLinkState } from '#console/renderer/transport/use-api.ts';
import { type Command, useCommands } from './commands.ts';
import { LinkBanner } from './link-banner.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { applyTheme, savedTheme, THEMES, type Theme } from './theme.ts';
import { TokenScreen } from './token-screen.tsx';
import { TopBar } from './top-bar.tsx';
import { useKeys } from './use-keys.ts';

type Overlay = 'palette' | 'shortcuts' | undefined;

export function Shell({ children }: { readonly children: ReactNode }) {
  const link = useLinkState();
  const [overlay, setOverlay] = useState<Overlay>();
  const [theme, setTheme] = useState<Theme>(savedTheme);
  const go = useNavigate();
  const { pathname } = useLocation();
  useEffect(() => applyTheme(theme), [theme]);
  useEffect(() => {
    const screen = screens.find((it) => it.nav && pathname.startsWith(it.path));
    document.title = screen ? `${screen.title} · Muster` : 'Muster';
  }, [pathname]);
  useOpenRun(go);
  usePreloadedScreens();
  const nextTheme = (): void =>
    setTheme((now) => THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? 'system');
  useKeys();
  useCommands([
    ...screens
      .filter((screen) => screen.nav)
      .map(
        (screen): Command => ({
          id: `go-${screen.id}`,
          title: screen.title,
          group: 'Go to',
          ...(screen.key ? { keys: `g ${screen.key}` } : {}),
          icon: screen.icon,
          run: () => void go(screen.path),
        }),
      ),
    {
      id: 'palette',
      title: 'Find anything',
      group: 'Console',
      keys: 'mod k',
      icon: Search,
      run: () => setOverlay('palette'),
    },
    {
      id: 'shortcuts',
      title: 'Keyboard shortcuts',
      group: 'Console',
      keys: '?',
      icon: CircleHelp,
      run: () => setOverlay('shortcuts'),
    },
    {
      id: 'theme',
      title: 'Change theme',
      group: 'Console',
      keys: 'mod .',
      icon: SunMoon,
      run: nextTheme,
    },
  ]);
  if (link.is === 'refused' && link.fault.code === 'UNAUTHORIZED') return <TokenScreen refused />;
  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={focusMain}>
        Skip to the screen
      </button>
      <TopBar theme={theme} onTheme={setTheme} onFind={() => setOverlay('palette')} />
      <Rail />
      <main id="main" className="main" tabIndex={-1}>
        <LinkBanner />
        {children}
      </main>
      <Palette open={overlay === 'palette'} onClose={() => setOverlay(undefined)} />
      <ShortcutsDialog open={overlay === 'shortcuts'} onClose={() => setOverlay(undefined)} />
    </div>
  );
}

/** A button and not a link: the address after # is the router's. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}

/** A deep link or a notification of the desktop shell opens its run. */
function useOpenRun(go: ReturnType<typeof useNavigate>): void {
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    // Once per page: the bridge has no way to take a listener back.
    shellBridge()?.onOpenRun((run) => void latest.current(`/runs/${encodeURIComponent(run)}`));
  }, []);
}

/** After the first screen is drawn: a screen first opened while the core is gone has its code already. */
function usePreloadedScreens(): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const screen of screens) void screen.preload().catch(() => undefined);
    }, 1_500);
    return () => clearTimeout(timer);
  }, []);
}
