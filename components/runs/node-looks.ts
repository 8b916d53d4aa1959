import { nodeDefinitions } from '@/nodes/definitions';

/** What a list shows of a node type. */
export interface NodeLook {
  title: string;
  icon: string;
  color: string;
}
export type NodeLooks = Record<string, NodeLook>;

/** Icon, colour and title of every node type. For server components: the schemas of the catalogue stay out of the page. */
export function nodeLooks(): NodeLooks {
  return Object.fromEntries([...nodeDefinitions.values()].map(({ type, title, icon, color }) => [type, { title, icon, color }]));
}
