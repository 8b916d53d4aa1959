import { usePathname, useRouter, useSearchParams } from 'next/navigation';

/** Sets filters of a list, which stand in the address of its page: an empty value, or the usual one, is left out of it. */
export function useAddressFilter(): (values: Record<string, string | null | undefined>, usual?: Record<string, string>) => void {
  const router = useRouter();
  const path = usePathname();
  const parameters = useSearchParams();
  return (values, usual = {}) => {
    const next = new URLSearchParams(parameters);
    for (const [name, value] of Object.entries(values)) {
      if (!value || value === usual[name]) next.delete(name);
      else next.set(name, value);
    }
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false });
  };
}
