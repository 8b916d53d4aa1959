import {
  IconArrowBackUp,
  IconArrowRight,
  IconArrowsSplit2,
  IconBolt,
  IconBroadcast,
  IconClock,
  IconCode,
  IconCube,
  IconDatabase,
  IconEar,
  IconFileText,
  IconGitBranch,
  IconGitMerge,
  IconHourglass,
  IconMessage,
  IconNotes,
  IconPhoneIncoming,
  IconPlayerPlay,
  IconRefreshDot,
  IconRepeat,
  IconRobot,
  IconSearch,
  IconSitemap,
  IconSparkles,
  IconUser,
  IconUserCheck,
  IconWand,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';
import classes from './node-icon.module.css';

/** The icons node types may name; importing all five thousand by name would end up in the page. */
const icons: Record<string, typeof IconCode> = {
  ArrowBackUp: IconArrowBackUp,
  ArrowRight: IconArrowRight,
  ArrowsSplit2: IconArrowsSplit2,
  Bolt: IconBolt,
  Broadcast: IconBroadcast,
  Clock: IconClock,
  Code: IconCode,
  Database: IconDatabase,
  Ear: IconEar,
  FileText: IconFileText,
  GitBranch: IconGitBranch,
  GitMerge: IconGitMerge,
  Hourglass: IconHourglass,
  Message: IconMessage,
  Notes: IconNotes,
  PhoneIncoming: IconPhoneIncoming,
  PlayerPlay: IconPlayerPlay,
  Repeat: IconRepeat,
  Robot: IconRobot,
  Search: IconSearch,
  Sitemap: IconSitemap,
  Sparkles: IconSparkles,
  User: IconUser,
  UserCheck: IconUserCheck,
  Wand: IconWand,
  Webhook: IconWebhook,
  World: IconWorld,
  RefreshDot: IconRefreshDot,
};

/** The tinted tile of a node type. An unknown type gets a plain cube. */
export function NodeIcon({ icon, color, size = 40 }: { icon: string | undefined; color: string | undefined; size?: number }) {
  const Icon = icons[icon ?? ''] ?? IconCube;
  return (
    <span className={classes.tile} data-hue={color ?? 'gray'} style={{ width: size, height: size }} aria-hidden>
      <Icon size={Math.round(size / 2)} stroke={1.7} />
    </span>
  );
}
