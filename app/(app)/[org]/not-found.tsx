import { IconMapOff } from '@tabler/icons-react';
import { EmptyState } from '@/components/ui/empty-state';

export default function NothingHerePage() {
  return (
    <EmptyState icon={<IconMapOff size={22} />} title="Nothing is here">
      It was deleted, or the address is not right.
    </EmptyState>
  );
}
