import * as z from 'zod';
import { defineNode } from '@/core/node/definition';

const portId = /^[A-Za-z_][A-Za-z0-9_-]{0,30}$/;

const config = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        port: z
          .string()
          .regex(portId, 'wants a name of letters, digits, - and _')
          .refine((p) => p !== 'default' && p !== 'error', '`default` and `error` are taken')
          .meta({ title: 'Exit', widget: 'text', placeholder: 'large' }),
        when: z
          .union([z.boolean(), z.string().min(1)], { error: 'wants an expression that is true or false' })
          .meta({ title: 'When', widget: 'expression', placeholder: 'data.total > 500' }),
      }),
    )
    .min(1, 'wants at least one case')
    .max(20)
    .refine((cases) => new Set(cases.map((c) => c.port)).size === cases.length, 'two cases have the same exit')
    .describe('The first case that is true wins; when none is, the exit is `default`.')
    .meta({ title: 'Cases', widget: 'list' }),
});

export default defineNode({
  type: 'switch',
  title: 'Switch',
  description: 'Picks one of several ways: the first case that is true.',
  category: 'flow',
  icon: 'ArrowsSplit2',
  color: 'orange',
  kind: 'step',
  config,
  defaults: { cases: [{ port: 'first', when: 'true' }] },
  ports: ({ cases }) => {
    const named = Array.isArray(cases) ? cases.map((c: unknown) => String((c as { port?: unknown } | null)?.port ?? '')).filter(Boolean) : [];
    return [...new Set(named), 'default'].map((id) => ({ id, label: id }));
  },
  expressions: ['cases.*.when'],
  execution: 'inline',
  subtitle: ({ cases }) => {
    if (!Array.isArray(cases) || cases.length === 0) return 'No cases yet';
    return `To ${cases.map((c: unknown) => String((c as { port?: unknown } | null)?.port ?? '?')).join(', ')} or default`;
  },
});
