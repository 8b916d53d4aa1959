import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { agentNames, builtinAgents } from './agents';

export const agentConfig = z.strictObject({
  agent: z
    .enum(agentNames, { error: `wants one of ${agentNames.join(', ')}` })
    .meta({ title: 'Agent', widget: 'select', labels: Object.fromEntries(agentNames.map((name) => [name, builtinAgents[name].title])) }),
  task: z
    .string()
    .min(1)
    .optional()
    .describe('What to do. Without one the agent does its usual work on what comes in.')
    .meta({ title: 'Task', widget: 'textarea', placeholder: 'Which region grew fastest, and why?' }),
  data: z.any().optional().describe('The material. Without it, the output of the step before.').meta({ title: 'Material', widget: 'template', advanced: true }),
  model: z.string().min(1).default('sandbox/default').meta({ title: 'Model', widget: 'model' }),
  maxOutputTokens: z.number().int().min(1).max(200_000).optional().meta({ title: 'Longest answer', unit: 'tokens', advanced: true }),
});

export default defineNode({
  type: 'agent',
  title: 'Agent',
  description: 'Lets an analyst, a researcher or a writer work on what comes in.',
  category: 'ai',
  icon: 'Robot',
  color: 'violet',
  kind: 'step',
  config: agentConfig,
  defaults: { agent: 'analyst' },
  execution: 'task',
  subtitle: ({ agent, task }) => {
    const title = builtinAgents[agent as keyof typeof builtinAgents]?.title ?? String(agent ?? 'No agent yet');
    return typeof task === 'string' && task ? `${title}: ${task.split('\n')[0]}` : title;
  },
  sample: {
    text: 'Sales grew by 12 %.',
    valid: true,
    agent: 'analyst',
    model: 'sandbox/default',
    simulated: true,
    usage: { inputTokens: 300, outputTokens: 40 },
  },
});
