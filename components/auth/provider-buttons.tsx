'use client';
import { Button } from '@mantine/core';
import { IconBrandGithub, IconBrandGoogle, IconKey } from '@tabler/icons-react';
import { signInWithProvider } from './auth-requests';

export interface Provider {
  id: string;
  name: string;
}
const icons: Record<string, typeof IconKey> = { github: IconBrandGithub, google: IconBrandGoogle };

/** One button for each sign-in provider that this Heddle is configured for. */
export function ProviderButtons({ providers, next }: { providers: Provider[]; next: string }) {
  return providers.map((provider) => {
    const Icon = icons[provider.id] ?? IconKey;
    return (
      <Button key={provider.id} variant="default" leftSection={<Icon size={18} />} onClick={() => void signInWithProvider(provider.id, next)} fullWidth>
        Go on with {provider.name}
      </Button>
    );
  });
}
