-- What the engine needs for waits that a mail ends, sub-workflows, dead letters and lifecycle events.
ALTER TABLE run
  ADD COLUMN paused_at TIMESTAMPTZ(3),
  -- the run and the step that started it (node type workflow), whether its end is reported there, and how deep in such calls it is
  ADD COLUMN caller_run_id UUID,
  ADD COLUMN caller_path TEXT,
  ADD COLUMN reports BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN depth SMALLINT NOT NULL DEFAULT 0;

-- Which run a step started: a step that is executed again after a crash finds it here.
CREATE TABLE "run_call" (
    "organization_id" UUID NOT NULL,
    "caller_run_id" UUID NOT NULL,
    "caller_path" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "run_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_call_pkey" PRIMARY KEY ("organization_id","caller_run_id","caller_path","attempt")
);
ALTER TABLE run_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_call FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_call TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization());
CREATE POLICY engine ON run_call TO heddle_engine USING (true) WITH CHECK (true);
DO $$ BEGIN
  EXECUTE format('CREATE POLICY owner ON run_call TO %I USING (true) WITH CHECK (true)', current_user);
END $$;
GRANT SELECT ON run_call TO heddle_app;
GRANT SELECT, INSERT, DELETE ON run_call TO heddle_engine;

-- JSON text of a run as json that can be looked into: PostgreSQL refuses to give out fields as long as any text in it has \u0000 or half a surrogate pair. They
-- become U+FFFD; what is no JSON at all becomes null. (JSON.stringify escapes no other surrogates; a backslash before the one that is matched stays valid.)
CREATE FUNCTION hd_json(t text) RETURNS json LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN regexp_replace(t, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\ufffd', 'g')::json;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END $$;

-- A run that a step waits for has ended: a mail says so to the run of that step, unless that has ended too.
CREATE FUNCTION run_report(organization uuid, called uuid) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE c uuid; payload text; BEGIN
  SELECT r.caller_run_id, '{"name":"$run/' || r.id || '","data":' || CASE r.status WHEN 'succeeded' THEN coalesce(r.output, 'null') ELSE 'null' END
         || CASE r.status WHEN 'failed' THEN ',"error":' || coalesce(r.error, '{"code":"failed","message":"The run failed."}')
                          WHEN 'cancelled' THEN ',"error":{"code":"cancelled","message":"The run that this step waits for was cancelled."}' ELSE '' END || '}'
    INTO c, payload FROM run r WHERE r.organization_id = organization AND r.id = called AND r.reports;
  IF c IS NULL OR NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = organization AND q.run_id = c) THEN RETURN; END IF;
  INSERT INTO run_inbox (organization_id, run_id, id, kind, payload) VALUES (organization, c, gen_random_uuid(), 'signal', payload);
  PERFORM pg_notify('heddle_inbox', organization || ':' || c);
END $$;

-- A run failed or was cancelled: the runs that its steps wait for are cancelled.
CREATE FUNCTION run_cancel_called(organization uuid, caller uuid) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE k int; BEGIN
  WITH m AS (INSERT INTO run_inbox (organization_id, run_id, id, kind, payload)
             SELECT organization, r.id, gen_random_uuid(), 'cancel', '{"by":"the run that started it"}' FROM run_call c
               JOIN run r ON r.organization_id = c.organization_id AND r.id = c.run_id AND r.reports AND r.status NOT IN ('succeeded', 'failed', 'cancelled')
              WHERE c.organization_id = organization AND c.caller_run_id = caller RETURNING run_id)
  SELECT count(pg_notify('heddle_inbox', organization || ':' || m.run_id)) INTO k FROM m;
END $$;

-- The lifecycle event of a run, for those who listen.
CREATE FUNCTION run_publish(organization uuid, run_id uuid, status text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  PERFORM event_publish(organization, 'run.' || status, r.id::text,
    json_build_object('runId', r.id, 'workflow', w.slug, 'workflowId', r.workflow_id, 'status', status, 'trigger', r.trigger, 'error', r.error::json,
                      'startedAt', r.started_at, 'finishedAt', r.finished_at)::text, r.id)
    FROM run r JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id WHERE r.organization_id = organization AND r.id = run_id;
END $$;

-- As in 0401, and: mails that are in the log leave the inbox, pauses show in the row of the run, dead letters are put aside, callers and listeners hear of the end.
DROP FUNCTION engine_commit;
CREATE FUNCTION engine_commit(
  n_org text, n_id text, n_workflow text, n_version text, n_trigger text, n_input text, n_status text, n_output text, n_error text,
  n_queued text, n_finished text, n_priority text, n_queue text,
  e_org text, e_run text, e_seq text, e_type text, e_path text, e_at text, e_data text, e_count int,
  u_org text, u_run text, u_status text, u_output text, u_error text, u_cost text, u_started text, u_finished text,
  wake_org text, notify_run text,
  x_org text, x_run text, x_kind text, x_name text, x_data text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE k int; caller_o uuid[]; caller_i uuid[]; bad_o uuid[]; bad_i uuid[]; BEGIN
  IF n_org IS NOT NULL THEN
    INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, input, status, output, error, priority, queued_at, started_at, finished_at)
    SELECT x.o::uuid, x.i::uuid, x.w::uuid, x.v::uuid, x.t, x.inp, x.s::run_status, x.outp, x.err, x.pr::smallint,
           to_timestamp(x.q::float8 / 1000), CASE WHEN x.s = 'queued' THEN NULL ELSE to_timestamp(x.q::float8 / 1000) END, to_timestamp(x.f::float8 / 1000)
      FROM unnest(hd_split(n_org), hd_split(n_id), hd_split(n_workflow), hd_split(n_version), hd_split(n_trigger), hd_split(n_input), hd_split(n_status),
                  hd_split(n_output), hd_split(n_error), hd_split(n_queued), hd_split(n_finished), hd_split(n_priority))
           x(o, i, w, v, t, inp, s, outp, err, q, f, pr);
    INSERT INTO run_queue (organization_id, run_id, priority)
    SELECT x.o::uuid, x.i::uuid, x.pr::smallint FROM unnest(hd_split(n_org), hd_split(n_id), hd_split(n_priority), hd_split(n_queue)) x(o, i, pr, q) WHERE x.q = '1';
  END IF;
  IF e_count > 0 THEN
    INSERT INTO run_event (organization_id, run_id, seq, type, path, at, data)
    SELECT x.o::uuid, x.r::uuid, x.s::int, x.t, x.p, to_timestamp(x.a::float8 / 1000), x.d
      FROM unnest(hd_split(e_org), hd_split(e_run), hd_split(e_seq), hd_split(e_type), hd_split(e_path), hd_split(e_at), hd_split(e_data)) x(o, r, s, t, p, a, d)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS k = ROW_COUNT;
    IF k <> e_count THEN RAISE EXCEPTION 'log conflict: % of % events written', k, e_count USING ERRCODE = 'HD409'; END IF;
    IF strpos(e_type, 'step.failed') > 0 AND EXISTS (SELECT FROM event_interest) THEN PERFORM step_failures_publish(e_org, e_run, e_type, e_path, e_data); END IF;
  END IF;
  IF u_org IS NOT NULL THEN
    WITH ended AS (
      UPDATE run SET status = x.s::run_status, output = x.outp, error = x.err, cost_usd = coalesce(x.c::float8, run.cost_usd),
                     started_at = coalesce(run.started_at, to_timestamp(x.st::float8 / 1000)), finished_at = to_timestamp(x.f::float8 / 1000)
        FROM unnest(hd_split(u_org), hd_split(u_run), hd_split(u_status), hd_split(u_output), hd_split(u_error), hd_split(u_cost), hd_split(u_started), hd_split(u_finished))
             x(o, r, s, outp, err, c, st, f)
       WHERE run.organization_id = x.o::uuid AND run.id = x.r::uuid AND run.status NOT IN ('succeeded', 'failed', 'cancelled')
      RETURNING run.organization_id AS o, run.id AS i, run.status AS s, run.reports AS rep)
    SELECT array_agg(o) FILTER (WHERE rep AND s IN ('succeeded', 'failed', 'cancelled')), array_agg(i) FILTER (WHERE rep AND s IN ('succeeded', 'failed', 'cancelled')),
           array_agg(o) FILTER (WHERE s IN ('failed', 'cancelled')), array_agg(i) FILTER (WHERE s IN ('failed', 'cancelled'))
      INTO caller_o, caller_i, bad_o, bad_i FROM ended;
    IF caller_o IS NOT NULL THEN PERFORM run_report(o, i) FROM unnest(caller_o, caller_i) c(o, i); END IF;
    IF bad_o IS NOT NULL THEN PERFORM run_cancel_called(o, i) FROM unnest(bad_o, bad_i) b(o, i); END IF;
  END IF;
  IF x_org IS NOT NULL THEN
    DELETE FROM run_inbox i USING unnest(hd_split(x_org), hd_split(x_run), hd_split(x_kind), hd_split(x_name)) x(o, r, what, n)
     WHERE x.what = 'mail_done' AND i.organization_id = x.o::uuid AND i.run_id = x.r::uuid AND i.id = x.n::uuid;
    UPDATE run SET paused_at = CASE x.what WHEN 'paused' THEN now() END
      FROM (SELECT DISTINCT ON (o, r) o, r, what FROM unnest(hd_split(x_org), hd_split(x_run), hd_split(x_kind)) WITH ORDINALITY y(o, r, what, n)
             WHERE what IN ('paused', 'resumed') ORDER BY o, r, n DESC) x
     WHERE run.organization_id = x.o::uuid AND run.id = x.r::uuid;
    IF strpos(x_kind, 'step_ended') > 0 THEN PERFORM steps_ended(x_org, x_run, x_kind, x_name); END IF; -- 1801_tries
    PERFORM dead_letter_add(x.o::uuid, x.r::uuid, x.n, x.d ->> 'code', x.d ->> 'message', (x.d ->> 'attempts')::int, x.d ->> 'reason')
       FROM (SELECT o, r, n, hd_json(d) FROM unnest(hd_split(x_org), hd_split(x_run), hd_split(x_kind), hd_split(x_name), hd_split(x_data)) y(o, r, what, n, d)
              WHERE what = 'dead_letter') x(o, r, n, d);
  END IF;
  IF u_org IS NOT NULL OR n_org IS NOT NULL THEN
    IF EXISTS (SELECT FROM event_interest) THEN
      PERFORM run_publish(o::uuid, r::uuid, s) FROM unnest(hd_split(u_org) || hd_split(n_org), hd_split(u_run) || hd_split(n_id), hd_split(u_status) || hd_split(n_status)) x(o, r, s)
        WHERE s IN ('succeeded', 'failed', 'cancelled', 'waiting') AND event_wanted(o::uuid, 'run.' || s);
    END IF;
  END IF;
  IF wake_org IS NOT NULL THEN PERFORM pg_notify('heddle_queue', o) FROM unnest(hd_split(wake_org)) o; END IF;
  IF notify_run IS NOT NULL THEN PERFORM pg_notify('heddle_run', p) FROM unnest(hd_split(notify_run)) p; END IF;
END $$;

DO $$ DECLARE f text; BEGIN
  FOREACH f IN ARRAY ARRAY['run_report', 'run_cancel_called', 'run_publish', 'engine_commit'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO heddle_engine', f);
  END LOOP;
END $$;
