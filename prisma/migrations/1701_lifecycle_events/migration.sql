-- Heddle's own events that follow from rows: whoever writes them, the event is in the same transaction.
CREATE FUNCTION dead_letter_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF event_wanted(NEW.organization_id, 'run.dead_lettered') THEN
    PERFORM event_publish(NEW.organization_id, 'run.dead_lettered', NEW.run_id::text,
      json_build_object('deadLetter', NEW.id, 'runId', NEW.run_id, 'workflow', (SELECT w.slug FROM workflow w WHERE w.organization_id = NEW.organization_id AND w.id = NEW.workflow_id),
                        'workflowId', NEW.workflow_id, 'step', NEW.step, 'code', NEW.code, 'message', NEW.message, 'attempts', NEW.attempts, 'reason', NEW.reason)::text, NEW.run_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER dead_letter_published AFTER INSERT ON dead_letter FOR EACH ROW EXECUTE FUNCTION dead_letter_published();

-- Steps that failed for good, for engine_commit: its rows are told as they come, joined by U+001F.
-- Only what somebody wants is looked into, and nothing of it can make the commit fail. Of a failure that lies in the blob store the reference has the beginning and
-- the end (server/blobs/large.ts), as JSON within JSON; the last key of a failure that is tried again is retryAt.
CREATE FUNCTION step_failures_publish(e_org text, e_run text, e_type text, e_path text, e_data text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wanted uuid[] := ARRAY(SELECT o FROM (SELECT DISTINCT s::uuid AS o FROM unnest(hd_split(e_org)) s) d WHERE event_wanted(o, 'step.failed')); BEGIN
  IF cardinality(wanted) = 0 THEN RETURN; END IF;
  PERFORM event_publish(x.o, 'step.failed', x.r || '/' || x.p,
            json_build_object('runId', x.r, 'workflow', w.slug, 'workflowId', r.workflow_id, 'step', x.p,
                              'attempt', substring(left(x.d, 600) FROM '\\?"attempt\\?":(\d{1,9})')::int,
                              'error', CASE WHEN x.large THEN json_build_object('code', substring(left(x.d, 800) FROM '\\"code\\":\\"([^"\\]*)\\"'),
                                                                                'message', 'The whole error is in the log of the run.')
                                            ELSE hd_json(x.d) -> 'error' END,
                              'handled', substring(right(x.d, 60) FROM '\\?"handled\\?":\\?"([a-z]+)\\?"\}("\}\})?$'))::text, r.id)
     FROM (WITH f AS MATERIALIZED (
             SELECT y.o::uuid AS o, y.r, y.p, y.d, starts_with(y.d, '{"$blob":{') AS large
               FROM unnest(hd_split(e_org), hd_split(e_run), hd_split(e_type), hd_split(e_path), hd_split(e_data)) y(o, r, t, p, d)
              WHERE y.t = 'step.failed' AND y.o::uuid = ANY(wanted))
           SELECT * FROM f WHERE CASE WHEN f.large THEN right(f.d, 60) !~ '\\"retryAt\\":[0-9.]+\}"\}\}$' ELSE right(f.d, 60) !~ '"retryAt":[0-9.]+\}$' END) x
     JOIN run r ON r.organization_id = x.o AND r.id = x.r::uuid JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id;
END $$;
REVOKE EXECUTE ON FUNCTION dead_letter_published, step_failures_publish FROM PUBLIC;
GRANT EXECUTE ON FUNCTION step_failures_publish TO heddle_engine;
