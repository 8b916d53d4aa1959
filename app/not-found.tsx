import { IconMapOff } from '@tabler/icons-react';
import { EmptyState } from '@/components/ui/empty-state';
import { ButtonLink } from '@/components/ui/link';
import classes from '@/components/ui/whole-page.module.css';

export default function NotFoundPage() {
  return (
    <main className={classes.page}>
      <EmptyState icon={<IconMapOff size={22} />} title="This page does not exist" action={<ButtonLink href="/">Go to the start</ButtonLink>}>
        It was moved or deleted, or it belongs to an organization you are not a member of.
      </EmptyState>
    </main>
  );
}
