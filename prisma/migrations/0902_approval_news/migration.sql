-- Reminders and escalations of approvals are among Heddle's own events too; core/workflow/event-pattern.ts has the same list.
CREATE OR REPLACE FUNCTION event_lifecycle_types() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT ARRAY['run.succeeded','run.failed','run.cancelled','run.waiting','run.dead_lettered','step.failed',
                  'approval.requested','approval.reminder','approval.escalated','approval.decided','approval.expired','circuit.opened','circuit.closed'] $$;
INSERT INTO event_interest (organization_id, type, source)
SELECT g.organization_id, t, 'trigger:' || g.id FROM trigger g CROSS JOIN unnest(ARRAY['approval.reminder','approval.escalated']) t
 WHERE g.type = 'event' AND event_matches(g.settings->>'pattern', t) ON CONFLICT DO NOTHING;
