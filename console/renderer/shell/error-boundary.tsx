// A bug in one screen ends that screen, not the console.
import { Component, type ReactNode } from 'react';
import { ErrorState } from '#console/renderer/ui/states.tsx';

export class ErrorBoundary extends Component<
  { readonly children: ReactNode },
  { readonly error: Error | undefined }
> {
  override state: { readonly error: Error | undefined } = { error: undefined };
  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }
  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <ErrorState
        fault={{
          code: 'SCREEN_BUG',
          message: `this screen met a bug: ${error.message}`,
          hint: 'open it again, or go to another screen; nothing on the machines is affected',
        }}
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}
