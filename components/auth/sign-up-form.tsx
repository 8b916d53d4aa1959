'use client';
import { Alert, Button, Divider, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMounted } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { signInWithPassword, signUp } from './auth-requests';
import { PasswordField } from './password-field';
import { type Provider, ProviderButtons } from './provider-buttons';

/** Name, e-mail, password and the organization to make; signs in at once and goes to `next`, or to the new organization. */
export function SignUpForm({ next, providers }: { next: string | null; providers: Provider[] }) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  // Until React is there a submit would be the browser's own.
  const ready = useMounted();
  const form = useForm({
    initialValues: { name: '', email: '', password: '', organization: '' },
    validateInputOnBlur: true,
    validate: {
      name: (value) => (value.trim() ? null : 'What should we call you?'),
      email: (value) => (/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(value.trim()) ? null : 'This does not look like an e-mail address.'),
      password: (value) => (value.length >= 8 ? null : 'At least 8 characters.'),
      organization: (value) => (value.trim() ? null : 'Your company, team or just your name.'),
    },
  });
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setError(null);
    try {
      const made = await signUp({ ...values, name: values.name.trim(), email: values.email.trim(), organization: values.organization.trim() });
      if ('message' in made) {
        if (made.field && made.field in values) form.setFieldError(made.field, made.message);
        else setError(made.message);
        return setBusy(false);
      }
      const refused = await signInWithPassword(values.email.trim(), values.password);
      window.location.assign(refused ? '/signin' : (next ?? `/${made.slug}`));
    } catch (cause) {
      setError((cause as Error).message);
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit} noValidate method="post">
      <Stack gap="sm">
        {error ? (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
            {error}
          </Alert>
        ) : null}
        <TextInput label="Your name" name="name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <TextInput label="E-mail" type="email" name="email" autoComplete="username" {...form.getInputProps('email')} />
        <PasswordField {...form.getInputProps('password')} value={form.values.password} own={[form.values.name, form.values.email.split('@')[0] ?? '']} />
        <TextInput
          label="Organization"
          description="Your company, team or project. You can rename it later."
          name="organization"
          autoComplete="organization"
          {...form.getInputProps('organization')}
        />
        <Button type="submit" loading={busy} disabled={!ready} mt={4} fullWidth>
          Create account
        </Button>
        {providers.length > 0 ? (
          <>
            <Divider label="or" my={4} />
            <ProviderButtons providers={providers} next={next ?? '/'} />
          </>
        ) : null}
      </Stack>
    </form>
  );
}
