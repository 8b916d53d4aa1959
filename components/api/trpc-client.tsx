'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { ApiInputs, ApiOutputs, AppRouter } from '@/server/api/router';

const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

export type { ApiInputs, ApiOutputs, AppRouter };
export { useTRPC, useTRPCClient };

const url = '/api/trpc';

function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // asking again does not help against a refusal, only against a lost connection or a failing server
        retry: (count, error) => count < 2 && !(error instanceof TRPCClientError && (error.data?.httpStatus ?? 500) < 500),
      },
    },
  });
}

function makeClient() {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url }),
        false: httpBatchLink({ url, maxURLLength: 4_000, maxItems: 20 }),
      }),
    ],
  });
}

/** Gives pages the API: `const trpc = useTRPC(); useQuery(trpc.workflows.list.queryOptions({org}))`, `useSubscription(trpc.runs.events…)`. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
