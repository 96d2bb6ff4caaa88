// The console as a tree: providers, then the shell with one route per screen of the list.
import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { HashRouter, Navigate, Route, Routes } from 'react-router';
import { screens } from '#console/renderer/screens.ts';
import { ErrorBoundary } from '#console/renderer/shell/error-boundary.tsx';
import { Shell } from '#console/renderer/shell/shell.tsx';
import { TokenScreen } from '#console/renderer/shell/token-screen.tsx';
import type { ConsoleTransport } from '#console/renderer/transport/transport.ts';
import {
  keepFresh,
  newQueryClient,
  TransportProvider,
} from '#console/renderer/transport/use-api.ts';

import { EmptyState, SkeletonRows } from '#console/renderer/ui/states.tsx';

export function App({ transport }: { readonly transport: ConsoleTransport | undefined }) {
  const [client] = useState(newQueryClient);
  useEffect(() => (transport ? keepFresh(client, transport) : undefined), [client, transport]);
  if (!transport) return <TokenScreen />;
  return (
    // The policy allows no <style> in the page: the kit's own sheets say what Base UI would inject.
    <CSPProvider disableStyleElements>
      <TransportProvider value={transport}>
        <QueryClientProvider client={client}>
          <Tooltip.Provider delay={350} closeDelay={0}>
            <HashRouter>
              <Shell>
                <Suspense fallback={<SkeletonRows rows={12} />}>
                  <Routes>
                    <Route path="/" element={<Navigate to="/fleet" replace />} />
                    {screens.map(({ id, path, component: Screen }) => (
                      <Route
                        key={id}
                        path={path}
                        element={
                          <ErrorBoundary key={id}>
                            <Screen />
                          </ErrorBoundary>
                        }
                      />
                    ))}
                    <Route
                      path="*"
                      element={
                        <EmptyState title="Nothing lives at this address">
                          The link may be of an older console. Press <kbd>Ctrl K</kbd> to find what
                          you were after.
                        </EmptyState>
                      }
                    />
                  </Routes>
                </Suspense>
              </Shell>
            </HashRouter>
          </Tooltip.Provider>
        </QueryClientProvider>
      </TransportProvider>
    </CSPProvider>
  );
}
