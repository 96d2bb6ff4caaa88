// The palette, filled: the commands of the moment, and machines whose name fits.
import { Cpu } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { CommandPalette, type PaletteItem } from '#console/renderer/ui/command-palette.tsx';
import { useAllCommands } from './commands.ts';

const MACHINES_SHOWN = 8;

export interface PaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function Palette({ open, onClose }: PaletteProps) {
  const commands = useAllCommands();
  const [text, setText] = useState('');
  const found = useMachines(useDeferredValue(text.trim()), open);
  return (
    <CommandPalette
      open={open}
      onClose={onClose}
      onText={setText}
      items={commands.filter((command) => command.id !== 'palette')}
      found={found}
    />
  );
}

function useMachines(text: string, open: boolean): readonly PaletteItem[] {
  const go = useNavigate();
  // The core looks: a fleet of ten thousand is not sent over for eight names.
  const found = useApi(
    'fleet.page',
    { filter: text, limit: MACHINES_SHOWN },
    { enabled: open && text !== '' },
  );
  if (text === '') return [];
  return (found.data?.rows ?? []).map((it) => ({
    id: `machine-${it.agent}`,
    title: it.agent,
    group: 'Machines',
    detail: Object.entries(it.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    icon: Cpu,
    run: () => void go(`/fleet/${it.agent}`),
  }));
}
