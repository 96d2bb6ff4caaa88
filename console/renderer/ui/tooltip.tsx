// A word about a control on hover and focus; never the only place where something is said.
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';

export interface HintProps {
  readonly text: ReactNode;
  readonly keys?: string | undefined;
  /** One element that can take a ref and props. */
  readonly children: ReactElement<Record<string, unknown>>;
}

export function Hint({ text, keys, children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="layer-top">
          <Tooltip.Popup className="tooltip">
            {text}
            {keys && <Kbd keys={keys} />}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
