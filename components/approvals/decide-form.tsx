'use client';
import { Alert, Button, Text, Textarea } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiOutputs, useTRPC } from '@/components/api/trpc-client';
import { useOrganization } from '@/components/shell/organization-context';
import { readApiError } from '@/components/ui/api-error';
import { notifyDone, notifyError } from '@/components/ui/notify';
import type { JsonObject } from '@/core/workflow/workflow';
import { ApprovalField } from './approval-field';
import classes from './approvals.module.css';
import { formFields, initialValues } from './form-fields';

type Approval = ApiOutputs['approvals']['get'];
type Problems = { path: string; message: string }[];

/** The form of an open approval, a comment, and the two buttons. */
export function DecideForm({ approval }: { approval: Approval }) {
  const { slug: org, can, whyNot } = useOrganization();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const fields = formFields(approval.form);
  const [values, setValues] = useState<JsonObject>(() => initialValues(fields));
  const [comment, setComment] = useState('');
  const decide = useMutation(
    trpc.approvals.decide.mutationOptions({
      onSuccess: ({ status }) => notifyDone(status === 'approved' ? 'Approved. The run goes on.' : 'Rejected. The run goes on.'),
      onError: (error) => {
        if (readApiError(error).reason !== 'invalid') notifyError(error, 'Your decision did not count');
      },
      // whatever happened: somebody else may have decided meanwhile
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.approvals.pathKey() }),
    }),
  );
  const refused = can('approval:decide') ? approval.whyNot : whyNot('approval:decide');
  if (refused) return <Text c="dimmed">{refused}</Text>;
  const problems = problemsOf(decide.error);
  const problemOf = (name: string) =>
    problems.find(({ path }) => path === `values.${name}` || path.startsWith(`values.${name}.`) || path.startsWith(`values.${name}[`))?.message;
  const elsewhere = problems.filter(({ path }) => !fields.some(({ name }) => path.startsWith(`values.${name}`)));
  const send = (decision: 'approved' | 'rejected') =>
    decide.mutate({ org, id: approval.id, decision, ...(comment.trim() ? { comment: comment.trim() } : {}), ...(fields.length > 0 ? { values } : {}) });
  const deciding = decide.isPending ? decide.variables.decision : decide.isSuccess ? decide.data.status : null;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send('approved');
      }}
    >
      {fields.map((field) => (
        <ApprovalField
          key={field.name}
          field={field}
          value={values[field.name]}
          problem={problemOf(field.name)}
          onChange={(value) => setValues(({ [field.name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [field.name]: value }))}
        />
      ))}
      <Textarea
        label="Comment"
        description="Goes into the run with your decision."
        autosize
        minRows={2}
        maxRows={8}
        maxLength={5_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {elsewhere.map(({ path, message }) => (
        <Alert key={path} color="red" role="alert">
          {path}: {message}
        </Alert>
      ))}
      <div className={classes.decide}>
        <Button
          type="button"
          size="md"
          variant="light"
          color="red"
          leftSection={<IconX size={18} />}
          loading={deciding === 'rejected'}
          disabled={deciding !== null}
          onClick={() => send('rejected')}
        >
          Reject
        </Button>
        <Button type="submit" size="md" leftSection={<IconCheck size={18} />} loading={deciding === 'approved'} disabled={deciding !== null}>
          Approve
        </Button>
      </div>
    </form>
  );
}

function problemsOf(error: unknown): Problems {
  const { data, message } = (error ?? {}) as { data?: { problems?: Problems; reason?: string } | null; message?: string };
  if (data?.reason !== 'invalid') return [];
  return data.problems?.length ? data.problems : [{ path: 'values', message: message ?? '' }];
}
