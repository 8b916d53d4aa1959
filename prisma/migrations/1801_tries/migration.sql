-- A step of a loop that is tried again begins at attempt 1 with the same path: what is opened once for each try goes by `try_key`, the attempts of the
-- loops around the step and its own (`2`, `2.1`). And what a step has opened ends with it.
ALTER TABLE run_call DROP CONSTRAINT run_call_pkey;
ALTER TABLE run_call ALTER COLUMN attempt TYPE TEXT USING attempt::text;
ALTER TABLE run_call RENAME COLUMN attempt TO try_key;
ALTER TABLE run_call ADD CONSTRAINT run_call_pkey PRIMARY KEY (organization_id, caller_run_id, caller_path, try_key);

DROP INDEX approval_organization_id_run_id_path_attempt_key;
ALTER TABLE approval ALTER COLUMN attempt TYPE TEXT USING attempt::text;
ALTER TABLE approval RENAME COLUMN attempt TO try_key;
CREATE UNIQUE INDEX approval_organization_id_run_id_path_try_key_key ON approval (organization_id, run_id, path, try_key);

ALTER TABLE event_wait ADD COLUMN try_key TEXT NOT NULL DEFAULT '1';
GRANT UPDATE ON event_wait TO heddle_engine;

-- As in 0701, for each try: a later one takes the place of an earlier one, whose answer, should it come yet, has another name.
DROP FUNCTION event_expect;
CREATE FUNCTION event_expect(organization uuid, run uuid, path text, try_key text, pattern text, filter text, key_field text, key_value text, since timestamptz)
RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO event_wait AS w (organization_id, run_id, path, try_key, pattern, prefix, filter, key_field, key_value, since)
  VALUES ($1, $2, $3, $4, $5, rtrim(substring($5 FROM '^[^*]*'), '.'), $6, $7, $8, least($9, date_trunc('milliseconds', clock_timestamp())))
  ON CONFLICT ON CONSTRAINT event_wait_pkey DO UPDATE SET try_key = excluded.try_key, pattern = excluded.pattern, prefix = excluded.prefix, filter = excluded.filter,
     key_field = excluded.key_field, key_value = excluded.key_value, since = excluded.since, created_at = clock_timestamp(), answered_at = NULL, event_id = NULL
   WHERE string_to_array(w.try_key, '.')::int[] < string_to_array(excluded.try_key, '.')::int[];
  IF NOT FOUND THEN
    RETURN EXISTS (SELECT FROM event_wait w WHERE w.organization_id = $1 AND w.run_id = $2 AND w.path = $3 AND w.try_key = $4 AND w.answered_at IS NULL);
  END IF;
  INSERT INTO event_interest (organization_id, type, source)
  SELECT $1, t, 'wait:' || $2 || '/' || $3 FROM unnest(event_lifecycle_types()) t WHERE event_matches($5, t) ON CONFLICT DO NOTHING;
  RETURN true;
END $$;

-- For engine_commit (1201). Steps that failed or were cancelled: nobody needs to decide any more what they asked, and the runs that they wait for are cancelled.
CREATE FUNCTION steps_ended(x_org text, x_run text, x_kind text, x_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE k int; BEGIN
  UPDATE approval a SET status = 'cancelled', due_at = NULL FROM unnest(hd_split(x_org), hd_split(x_run), hd_split(x_kind), hd_split(x_name)) x(o, r, what, p)
   WHERE x.what = 'step_ended' AND a.organization_id = x.o::uuid AND a.run_id = x.r::uuid AND a.path = x.p AND a.status = 'open'
     AND (a.deadline IS NULL OR a.deadline > clock_timestamp());
  WITH m AS (INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
             SELECT r.organization_id, r.id, gen_random_uuid(), 'cancel', '{"by":"the run that started it"}'
               FROM unnest(hd_split(x_org), hd_split(x_run), hd_split(x_kind), hd_split(x_name)) x(o, r, what, p)
               JOIN run_call c ON c.organization_id = x.o::uuid AND c.caller_run_id = x.r::uuid AND c.caller_path = x.p
               JOIN run r ON r.organization_id = c.organization_id AND r.id = c.run_id AND r.reports AND r.status NOT IN ('succeeded', 'failed', 'cancelled')
              WHERE x.what = 'step_ended' RETURNING organization_id, run_id)
  SELECT count(pg_notify('heddle_inbox', m.organization_id || ':' || m.run_id)) INTO k FROM m;
END $$;

REVOKE EXECUTE ON FUNCTION event_expect, steps_ended FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_expect, steps_ended TO heddle_engine;
