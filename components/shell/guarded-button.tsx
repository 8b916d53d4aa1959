'use client';
import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';
import type { Permission } from '@/core/permissions';
import { useOrganization } from './organization-context';

/** A button that stays visible without the permission, but off, and says why on hover and focus. */
export function GuardedButton({
  permission,
  onClick,
  ...rest
}: ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & { permission: Permission }) {
  const { can, whyNot } = useOrganization();
  if (can(permission)) return <Button {...rest} onClick={onClick} />;
  return (
    <Tooltip label={whyNot(permission)} multiline maw={280}>
      <Button {...rest} aria-disabled data-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  );
}
