import {
  IconArrowBackUp, IconArrowRight, IconArrowsSplit2, IconBell, IconBolt, IconBook, IconBraces, IconBrandSlack, IconBrandStripe, IconCalendar, IconCheckbox, IconClock, IconCode,
  IconCube, IconDatabase, IconFileText, IconFilter, IconForms, IconGitBranch, IconGitMerge, IconHourglass, IconListCheck, IconMail, IconMessage, IconNotes, IconPhoto, IconPlayerPlay,
  IconRepeat, IconRobot, IconSearch, IconSitemap, IconSparkles, IconSubtask, IconTable, IconTool, IconUser, IconUserCheck, IconVariable, IconVector, IconWand, IconWebhook, IconWorld,
} from '@tabler/icons-react';
import classes from './node-icon.module.css';

/** The icons node types may name; importing all five thousand by name would end up in the page. */
const icons: Record<string, typeof IconCode> = {
  ArrowBackUp: IconArrowBackUp, ArrowRight: IconArrowRight, ArrowsSplit2: IconArrowsSplit2, Bell: IconBell, Bolt: IconBolt, Book: IconBook, Braces: IconBraces,
  BrandSlack: IconBrandSlack, BrandStripe: IconBrandStripe, Calendar: IconCalendar, Checkbox: IconCheckbox, Clock: IconClock, Code: IconCode, Database: IconDatabase,
  FileText: IconFileText, Filter: IconFilter, Forms: IconForms, GitBranch: IconGitBranch, GitMerge: IconGitMerge, Hourglass: IconHourglass, ListCheck: IconListCheck,
  Mail: IconMail, Message: IconMessage, Notes: IconNotes, Photo: IconPhoto, PlayerPlay: IconPlayerPlay, Repeat: IconRepeat, Robot: IconRobot, Search: IconSearch,
  Sitemap: IconSitemap, Sparkles: IconSparkles, Subtask: IconSubtask, Table: IconTable, Tool: IconTool, User: IconUser, UserCheck: IconUserCheck, Variable: IconVariable,
  Vector: IconVector, Wand: IconWand, Webhook: IconWebhook, World: IconWorld,
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
