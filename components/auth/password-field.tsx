'use client';
import { PasswordInput, type PasswordInputProps, Text } from '@mantine/core';
import classes from './auth.module.css';
import { passwordStrength } from './password-strength';

/** A new password with a hint of how strong it is; `own` are words it should not contain. */
export function PasswordField({ value, own, ...rest }: PasswordInputProps & { value: string; own: string[] }) {
  const { score, hint } = passwordStrength(value, own);
  return (
    <div>
      <PasswordInput label="Password" name="password" autoComplete="new-password" value={value} aria-describedby="password-hint" {...rest} />
      <div className={classes.strength} data-score={score} aria-hidden>
        <span />
        <span />
        <span />
        <span />
      </div>
      <Text id="password-hint" size="xs" c="dimmed" mt={4} aria-live="polite">
        {hint}
      </Text>
    </div>
  );
}
