'use client';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { type Permission, type Role, roleGrants } from '@/core/permissions';

export interface Membership {
  slug: string;
  name: string;
  role: Role;
}
export interface SignedInPerson {
  id: string;
  name: string;
  email: string;
}
export interface OrganizationView extends Membership {
  person: SignedInPerson;
  memberships: Membership[];
  /** whether the signed-in person's role includes a permission; the server decides again on every call */
  can(permission: Permission): boolean;
  /** why not, in a sentence for a tooltip */
  whyNot(permission: Permission): string;
}

const OrganizationContext = createContext<OrganizationView | null>(null);

export function OrganizationProvider({
  organization,
  person,
  memberships,
  children,
}: {
  organization: Membership;
  person: SignedInPerson;
  memberships: Membership[];
  children: ReactNode;
}) {
  const value = useMemo<OrganizationView>(
    () => ({
      ...organization,
      person,
      memberships,
      can: (permission) => roleGrants(organization.role, permission),
      whyNot: (permission) => `Your role here is ${organization.role}; this needs “${permission}”. An owner or admin can change your role.`,
    }),
    [organization, person, memberships],
  );
  return <OrganizationContext value={value}>{children}</OrganizationContext>;
}

/** The organization of this page, and what the signed-in person may do in it. */
export function useOrganization(): OrganizationView {
  const value = useContext(OrganizationContext);
  if (!value) throw new Error('useOrganization wants to be inside the pages of an organization.');
  return value;
}
