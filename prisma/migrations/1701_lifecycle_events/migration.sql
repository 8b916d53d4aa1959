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

-- A breaker opened, or closed again; a probe that fails leaves it open and is no news.
CREATE FUNCTION circuit_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE type text := CASE NEW.state WHEN 'closed' THEN 'circuit.closed' ELSE 'circuit.opened' END; BEGIN
  IF event_wanted(NEW.organization_id, type) THEN
    PERFORM event_publish(NEW.organization_id, type, NEW.target,
      json_build_object('target', NEW.target, 'since', NEW.since, 'until', NEW.until, 'byHand', NEW.tripped, 'error', NEW.last_error)::text, NULL);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER circuit_published AFTER UPDATE ON circuit FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND 'closed' IN (OLD.state, NEW.state)) EXECUTE FUNCTION circuit_published();

-- Steps that failed for good, for engine_commit: its rows are told as they come, joined by U+001F.
CREATE FUNCTION step_failures_publish(e_org text, e_run text, e_type text, e_path text, e_data text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM event_publish(x.o::uuid, 'step.failed', x.r || '/' || x.p,
            json_build_object('runId', x.r, 'workflow', w.slug, 'workflowId', r.workflow_id, 'step', x.p, 'attempt', (x.d::json ->> 'attempt')::int,
                              'error', x.d::json -> 'error', 'handled', x.d::json -> 'handled')::text, r.id)
     FROM unnest(hd_split(e_org), hd_split(e_run), hd_split(e_type), hd_split(e_path), hd_split(e_data)) x(o, r, t, p, d)
     JOIN run r ON r.organization_id = x.o::uuid AND r.id = x.r::uuid JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id
    WHERE x.t = 'step.failed' AND event_wanted(x.o::uuid, 'step.failed') AND x.d::json ->> 'retryAt' IS NULL;
END $$;
REVOKE EXECUTE ON FUNCTION dead_letter_published, circuit_published, step_failures_publish FROM PUBLIC;
GRANT EXECUTE ON FUNCTION step_failures_publish TO heddle_engine;
