// How screens ask: react-query over the transport. Data stays while the core is gone, and is asked again when it is back.
import {
  keepPreviousData,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { MethodName, Params, Push, Returns } from '#console/api.ts';
import type { Fault } from '#shared/result.ts';
import type { ConsoleTransport, LinkState } from './transport.ts';

/** A fault as react-query wants it: thrown, and handed back by `error`. */
export class ApiFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

const TransportContext = createContext<ConsoleTransport | undefined>(undefined);
export const TransportProvider = TransportContext.Provider;

export function useTransport(): ConsoleTransport {
  const transport = useContext(TransportContext);
  if (!transport) throw new Error('no transport above this component');
  return transport;
}

export function useLinkState(): LinkState {
  const transport = useTransport();
  return useSyncExternalStore(transport.onState, transport.state);
}

export interface ApiOptions {
  readonly enabled?: boolean;
  /** Keeps the last answer on screen while the next parameters load. Default true. */
  readonly keep?: boolean;
  /** Asks again this often, milliseconds; pushes are the rule, this is for ages and clocks. */
  readonly everyMs?: number;
}

export const apiKey = (method: string, params?: unknown) =>
  params === undefined ? (['api', method] as const) : (['api', method, params] as const);

/** One method's answer, kept fresh by pushes. `error` is an ApiFault. */
export function useApi<M extends MethodName>(
  method: M,
  params: Params<M>,
  { enabled = true, keep = true, everyMs }: ApiOptions = {},
): UseQueryResult<Returns<M>, ApiFault> {
  const transport = useTransport();
  return useQuery<Returns<M>, ApiFault>({
    queryKey: apiKey(method, params),
    queryFn: () => ask(transport, method, params),
    enabled,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
    ...(keep ? { placeholderData: keepPreviousData as never } : {}),
  });
}

/** A method that does something; `mutate(params)`. */
export function useApiAction<M extends MethodName>(
  method: M,
): UseMutationResult<Returns<M>, ApiFault, Params<M>> {
  const transport = useTransport();
  return useMutation<Returns<M>, ApiFault, Params<M>>({
    mutationFn: (params) => ask(transport, method, params),
  });
}

/** Rejects with ApiFault. */
export async function ask<M extends MethodName>(
  transport: ConsoleTransport,
  method: M,
  params: Params<M>,
): Promise<Returns<M>> {
  const result = await transport.call(method, params);
  if (!result.ok) throw new ApiFault(result.fault);
  return result.value;
}

/** What a push makes stale: methods by the part of their name before the dot. */
const STALE_BY_PUSH: Readonly<Record<string, readonly string[]>> = {
  agents: ['agents', 'fleet', 'coverage', 'core', 'setup', 'tokens'],
  runs: ['runs', 'ledger', 'agents', 'fleet', 'schedules', 'why'],
  documents: [
    'schedules',
    'plan',
    'proposals',
    'coverage',
    'agents',
    'fleet',
    'documents',
    'setup',
  ],
  proposals: ['proposals'],
  link: ['core', 'fleet', 'agents', 'setup'],
};
/** A burst of pushes is one reading: a fleet that reports all at once must not be read a thousand times. */
const GATHER_MS = 400;

/** Keeps `client` true to what the core pushes; ends with the returned function. */
export function keepFresh(client: QueryClient, transport: ConsoleTransport): () => void {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    const rooms = new Set(stale);
    stale.clear();
    void client.invalidateQueries({
      predicate: ({ queryKey }) => rooms.has(String(queryKey[1]).split('.')[0] ?? ''),
    });
  };
  const endPushes = transport.onPush((push: Push) => {
    for (const room of STALE_BY_PUSH[push.kind] ?? []) stale.add(room);
    timer ??= setTimeout(flush, GATHER_MS);
  });
  const endStates = transport.onState((state) => {
    if (state.is === 'open') void client.invalidateQueries();
  });
  return () => {
    endPushes();
    endStates();
    clearTimeout(timer);
  };
}

export const newQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The transport knows best whether the way is open, and everything is asked again when it opens.
        networkMode: 'always',
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 5_000,
        gcTime: 5 * 60_000,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
