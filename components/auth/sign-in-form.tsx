'use client';
import { Alert, Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMounted } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { signInWithPassword } from './auth-requests';
import { type Provider, ProviderButtons } from './provider-buttons';

/** E-mail and password, and the configured providers. `next` is already checked to be a path of this site. */
export function SignInForm({ next, providers, problem }: { next: string; providers: Provider[]; problem?: string }) {
  const [error, setError] = useState(problem ?? null);
  const [busy, setBusy] = useState(false);
  // Until React is there a submit would be the browser's own.
  const ready = useMounted();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value) ? null : 'This does not look like an e-mail address.'),
      password: (value) => (value ? null : 'Type your password.'),
    },
  });
  const submit = form.onSubmit(async ({ email, password }) => {
    setBusy(true);
    setError(null);
    const message = await signInWithPassword(email.trim(), password).catch((cause: Error) => cause.message);
    if (message === null) return window.location.assign(next);
    setError(message);
    setBusy(false);
  });
  return (
    <form onSubmit={submit} noValidate method="post">
      <Stack gap="sm">
        {error ? (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
            {error}
          </Alert>
        ) : null}
        <TextInput label="E-mail" type="email" name="email" autoComplete="username" autoFocus {...form.getInputProps('email')} key={form.key('email')} />
        <PasswordInput label="Password" name="password" autoComplete="current-password" {...form.getInputProps('password')} key={form.key('password')} />
        <Button type="submit" loading={busy} disabled={!ready} mt={4} fullWidth>
          Sign in
        </Button>
        {providers.length > 0 ? (
          <>
            <Divider label="or" my={4} />
            <ProviderButtons providers={providers} next={next} />
          </>
        ) : null}
      </Stack>
    </form>
  );
}
