// Which console, which fleet, and whether core and broker are there: always on screen.
import { Monitor, Moon, Search, Server, Sun, SunMoon } from 'lucide-react';
import { useApi, useLinkState, useTransport } from '#console/renderer/transport/use-api.ts';
import { IconButton } from '#console/renderer/ui/button.tsx';
import { Kbd } from '#console/renderer/ui/kbd.tsx';
import { StatusGlyph } from '#console/renderer/ui/status-mark.tsx';
import { Hint } from '#console/renderer/ui/tooltip.tsx';
import { Mark } from './mark.tsx';
import { THEMES, type Theme } from './theme.ts';

export interface TopBarProps {
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  readonly onFind: () => void;
}

const THEME_ICONS = { system: SunMoon, dark: Moon, light: Sun } as const;

export function TopBar({ theme, onTheme, onFind }: TopBarProps) {
  const { place } = useTransport();
  const link = useLinkState();
  const status = useApi('core.status', {}, { everyMs: 15_000 });
  const data = status.data;
  const PlaceIcon = place.kind === 'this-machine' ? Monitor : Server;
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <header className="bar">
      <span className="bar-brand">
        <Mark />
        Muster
      </span>
      <Hint
        text={
          place.kind === 'this-machine'
            ? 'The core runs on this machine'
            : `The core runs behind ${place.name}`
        }
      >
        <span className="bar-place">
          <PlaceIcon size={14} aria-hidden="true" />
          <span className="truncate">
            {place.kind === 'this-machine' ? 'This machine' : place.name}
          </span>
          <span className="bar-slash">/</span>
          <strong className="truncate">{data?.fleet ?? '…'}</strong>
        </span>
      </Hint>
      <button type="button" className="bar-find" onClick={onFind}>
        <Search size={14} aria-hidden="true" />
        <span>Find a machine, a screen, an action</span>
        <Kbd keys="mod k" />
      </button>
      <span className="bar-links">
        <LinkLight
          name="Core"
          state={link.is === 'open' ? 'online' : link.is === 'connecting' ? 'starting' : 'broken'}
          word={link.is === 'open' ? 'connected' : link.is === 'connecting' ? 'connecting' : 'gone'}
        />
        <LinkLight
          name="Broker"
          state={link.is !== 'open' || !data ? 'unknown' : data.broker.online ? 'online' : 'broken'}
          word={link.is !== 'open' || !data ? 'unknown' : data.broker.online ? 'connected' : 'gone'}
          detail={data?.broker.url}
        />
      </span>
      <IconButton
        icon={THEME_ICONS[theme]}
        label={`Theme: ${theme}. Change to ${nextTheme}`}
        keys="mod ."
        onClick={() => onTheme(nextTheme)}
      />
    </header>
  );
}

interface LinkLightProps {
  readonly name: string;
  readonly state: string;
  readonly word: string;
  readonly detail?: string | undefined;
}

function LinkLight({ name, state, word, detail }: LinkLightProps) {
  return (
    <Hint text={detail ? `${name} ${word}: ${detail}` : `${name} ${word}`}>
      <span className="bar-link" role="status">
        <StatusGlyph status={state} />
        {name}
        <span className="visually-hidden">{word}</span>
      </span>
    </Hint>
  );
}
