import * as z from 'zod';
import { defineNode } from '@/core/node/definition';
import { durationSetting } from '@/core/node/duration-setting';
import { roles } from '@/core/permissions';
import { checkSchema } from '@/core/workflow/json-schema';
import type { JsonObject } from '@/core/workflow/workflow';
import { readAssignees } from './assignees';

const person = z.union([z.string(), z.strictObject({ user: z.string() }), z.strictObject({ role: z.enum(roles) })]);
const people = () =>
  z.union([z.string(), z.array(person).max(50)], { error: 'wants a text like admin, ann@example.com, or a list' }).superRefine((value, context) => {
    for (const message of readAssignees(value).faults) context.addIssue({ code: 'custom', message });
  });

const form = z.looseObject({}).superRefine((schema, context) => {
  if (schema.type !== 'object') context.addIssue({ code: 'custom', path: ['type'], message: 'wants type: object with the fields as properties' });
  for (const { path, message } of checkSchema(schema as JsonObject)) context.addIssue({ code: 'custom', path: [...path], message });
});

export const approvalConfig = z
  .strictObject({
    title: z.string().trim().min(1, 'wants a short question').max(200).describe('What is to be decided, in a line.').meta({
      title: 'Question',
      widget: 'text',
      placeholder: 'Refund order {{ input.order }}?',
    }),
    message: z
      .string()
      .max(20_000)
      .default('')
      .describe('What whoever decides should know. Markdown: `**bold**`, lists and links.')
      .meta({ title: 'Message', widget: 'textarea', placeholder: 'The customer asks for {{ input.amount }} back.' }),
    assignees: people()
      .describe(
        'E-mail addresses of members and roles, separated by commas. A role means everybody with it or with one above it. Owners and admins can always decide.',
      )
      .meta({ title: 'Who decides', widget: 'text', placeholder: 'admin, ann@example.com' }),
    data: z
      .any()
      .optional()
      .describe('Shown below the message. Without it: what came in from the step before.')
      .meta({ title: 'Data to show', widget: 'template', placeholder: '{{ data }}', advanced: true }),
    form: form
      .optional()
      .describe('Fields to fill in with the decision, as a JSON Schema; `format: textarea` makes a field of several lines. They arrive as `values`.')
      .meta({ title: 'Form', widget: 'json', placeholder: '{"type": "object", "properties": {"amount": {"type": "number"}}}', advanced: true }),
    deadline: durationSetting()
      .optional()
      .describe('How long people have. Without it the step waits until somebody decides or the run ends.')
      .meta({ title: 'Deadline', widget: 'duration', placeholder: '2d' }),
    on_deadline: z
      .enum(['reject', 'approve', 'fail', 'expired'])
      .default('reject')
      .describe('What happens when nobody has decided by then. Expired is an exit of its own.')
      .meta({
        title: 'At the deadline',
        widget: 'select',
        labels: { reject: 'Counts as rejected', approve: 'Counts as approved', fail: 'Fail the step', expired: 'Leave by the exit “expired”' },
      }),
    remind_every: durationSetting()
      .optional()
      .describe('Publishes the event approval.reminder again and again until it is decided; at least a minute.')
      .meta({ title: 'Remind every', widget: 'duration', placeholder: '1d', advanced: true }),
    escalate_after: durationSetting()
      .optional()
      .describe('Asks more people when nobody has decided by then.')
      .meta({ title: 'Escalate after', widget: 'duration', placeholder: '1d', advanced: true }),
    escalate_to: people().optional().describe('Who is asked as well.').meta({ title: 'Escalate to', widget: 'text', placeholder: 'owner', advanced: true }),
  })
  .refine((c) => (c.escalate_after === undefined) === (c.escalate_to === undefined), {
    error: 'wants both a time after which to escalate and somebody to escalate to',
    path: ['escalate_to'],
  });

const names = (value: unknown): string => {
  const { assignees } = readAssignees(value);
  return assignees.map((each) => ('user' in each ? each.user : `${each.role}s`)).join(', ') || (typeof value === 'string' ? value : '');
};

export default defineNode({
  type: 'approval',
  title: 'Approval',
  description: 'Asks people to approve or reject, by name or role, with a form and a deadline, and waits without occupying anything.',
  category: 'flow',
  icon: 'UserCheck',
  color: 'yellow',
  kind: 'step',
  config: approvalConfig,
  defaults: { title: 'Go ahead?', assignees: 'admin', deadline: '2d', on_deadline: 'reject' },
  ports: ({ on_deadline }) => [
    { id: 'approved', label: 'Approved' },
    { id: 'rejected', label: 'Rejected' },
    ...(on_deadline === 'expired' ? [{ id: 'expired', label: 'Expired' }] : []),
  ],
  execution: 'task',
  subtitle: ({ assignees, deadline }) => {
    const who = names(assignees);
    if (!who) return 'Nobody asked yet';
    return typeof deadline === 'string' && deadline ? `By ${who} within ${deadline}` : `By ${who}`;
  },
  sample: {
    decision: 'approved',
    by: { name: 'Ann Example', type: 'user' },
    at: '2027-01-31T09:00:00.000Z',
    comment: 'Fine with me.',
    values: { amount: 120 },
  },
});
