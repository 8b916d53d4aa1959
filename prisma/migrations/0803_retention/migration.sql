-- How long an organization keeps its runs, and what is left of those it does not: counts a day.
CREATE TABLE "retention_policy" (
    "organization_id" UUID NOT NULL,
    "run_days" INTEGER,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "retention_policy_pkey" PRIMARY KEY ("organization_id"),
    CONSTRAINT "retention_policy_days" CHECK ("run_days" IS NULL OR "run_days" BETWEEN 1 AND 36500)
);

-- Runs that were removed: every one of them is counted here once, in the transaction that removes it.
CREATE TABLE "run_rollup" (
    "organization_id" UUID NOT NULL,
    "workflow_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "status" "run_status" NOT NULL,
    "runs" INTEGER NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,
    "longest_ms" DOUBLE PRECISION NOT NULL,
    "cost_usd" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "run_rollup_pkey" PRIMARY KEY ("organization_id","workflow_id","day","status")
);

-- What each pass of the retention job did.
CREATE TABLE "retention_run" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "runs" INTEGER NOT NULL DEFAULT 0,
    "events" BIGINT NOT NULL DEFAULT 0,
    "blobs" INTEGER NOT NULL DEFAULT 0,
    "weeks" TEXT[],
    "error" TEXT,

    CONSTRAINT "retention_run_pkey" PRIMARY KEY ("id")
);

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['retention_policy', 'run_rollup'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON retention_policy TO heddle_app;
GRANT SELECT ON run_rollup TO heddle_app;
GRANT SELECT ON retention_policy, run_rollup TO heddle_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON retention_run TO heddle_engine;

-- Organizations whose runs go some day, with the first id they keep; and, as the row without an organization, the first id that anybody keeps (null: one of
-- them keeps everything). `standard`: days of those that chose nothing, null: they keep everything.
CREATE FUNCTION retention_cutoffs(standard int, at timestamptz) RETURNS TABLE (organization_id uuid, keep_from uuid) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  WITH p AS (SELECT o.id, CASE WHEN r.organization_id IS NULL THEN standard ELSE r.run_days END AS days
               FROM organization o LEFT JOIN retention_policy r ON r.organization_id = o.id)
  SELECT NULL, CASE WHEN bool_and(days IS NOT NULL) THEN hd_id_at(at - make_interval(hours => 24 * max(days))) END FROM p
  UNION ALL
  SELECT id, hd_id_at(at - make_interval(hours => 24 * days)) FROM p WHERE days IS NOT NULL $$;

-- Adds runs to the rollup. `source`: a query over run.
CREATE FUNCTION retention_count(source text) RETURNS int LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE k int; BEGIN
  EXECUTE format($q$
    WITH s AS (SELECT organization_id, workflow_id, (queued_at AT TIME ZONE 'UTC')::date AS day, status, count(*)::int AS runs,
                      coalesce(sum(greatest(0, extract(epoch FROM finished_at - started_at)) * 1000), 0)::float8 AS duration_ms,
                      coalesce(max(greatest(0, extract(epoch FROM finished_at - started_at)) * 1000), 0)::float8 AS longest_ms, sum(cost_usd) AS cost_usd
                 FROM (%s) r GROUP BY 1, 2, 3, 4),
         i AS (INSERT INTO run_rollup AS t SELECT * FROM s ON CONFLICT (organization_id, workflow_id, day, status) DO UPDATE
                 SET runs = t.runs + excluded.runs, duration_ms = t.duration_ms + excluded.duration_ms,
                     longest_ms = greatest(t.longest_ms, excluded.longest_ms), cost_usd = t.cost_usd + excluded.cost_usd)
    SELECT coalesce(sum(runs), 0)::int FROM s $q$, source) INTO k;
  RETURN k;
END $$;

-- Counts and removes up to `most` ended runs of an organization from before `keep_from`, with all that hangs on them; their blobs count no longer and are to be
-- removed from the store after this has committed.
CREATE FUNCTION retention_delete(organization uuid, keep_from uuid, most int) RETURNS TABLE (runs int, events bigint, blobs text[]) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE ids uuid[]; gone uuid[]; k int; n bigint; BEGIN
  ids := ARRAY(SELECT r.id FROM run r WHERE r.organization_id = $1 AND r.id < $2 AND r.status IN ('succeeded', 'failed', 'cancelled')
                  AND NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = r.organization_id AND q.run_id = r.id)
                ORDER BY r.id LIMIT $3 FOR UPDATE);
  IF cardinality(ids) = 0 THEN RETURN QUERY SELECT 0, 0::bigint, '{}'::text[]; RETURN; END IF;
  k := retention_count(format('SELECT * FROM run WHERE organization_id = %L AND id = ANY(%L)', $1, ids));
  DELETE FROM run_event e WHERE e.organization_id = $1 AND e.run_id = ANY(ids);
  GET DIAGNOSTICS n = ROW_COUNT;
  DELETE FROM run r WHERE r.organization_id = $1 AND r.id = ANY(ids);
  DELETE FROM artifact a WHERE a.organization_id = $1 AND a.run_id = ANY(ids);
  DELETE FROM approval a WHERE a.organization_id = $1 AND a.run_id = ANY(ids);
  DELETE FROM run_call c WHERE c.organization_id = $1 AND c.caller_run_id = ANY(ids);
  DELETE FROM event_wait w WHERE w.organization_id = $1 AND w.run_id = ANY(ids);
  gone := ARRAY(SELECT b.id FROM blob b WHERE b.organization_id = $1 AND b.run_id = ANY(ids));
  PERFORM blob_doom($1, gone);
  RETURN QUERY SELECT k, n, ARRAY(SELECT $1 || '/' || g FROM unnest(gone) g);
END $$;

-- Weeks that nobody keeps and in which every run has ended, the oldest first. Takes no lock that anybody would wait for.
CREATE FUNCTION run_weeks_over(keep_from uuid) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w text; open bool; BEGIN
  FOR w IN SELECT substr(c.relname, 5) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'public.run'::regclass AND c.relname ~ '^run_\d{8}$' ORDER BY 1 LOOP
    CONTINUE WHEN hd_id_at((to_date(w, 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') + interval '168 hours') > keep_from;
    EXECUTE format($q$ SELECT EXISTS (SELECT FROM partitions.%I r WHERE r.status NOT IN ('succeeded', 'failed', 'cancelled'))
                           OR EXISTS (SELECT FROM run_queue q WHERE q.run_id >= $1 AND q.run_id < $2) $q$, 'run_' || w)
       INTO open USING hd_id_at(to_date(w, 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC'), hd_id_at((to_date(w, 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') + interval '168 hours');
    IF NOT open THEN RETURN NEXT w; END IF;
  END LOOP;
END $$;

-- A week that run_weeks_over named leaves the tables: nobody sees its runs any more. One a transaction, which does nothing else, since it stops all readers and
-- writers. The tables come in the order in which engine_commit goes on with runs; it makes new ones in the other, so lock_timeout is well below deadlock_timeout (1 s):
-- it is always this that gives way, never a commit. A run that has ended stays ended, and none begins in a week that is over. The week is counted and dropped by
-- run_week_drop, once what it has in the blob store is gone.
CREATE FUNCTION run_week_detach(week text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '400ms' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7701, -1);
  IF to_regclass(format('partitions.%I', 'run_' || week)) IS NULL THEN RETURN; END IF;
  LOCK TABLE ONLY public.run_event IN ACCESS EXCLUSIVE MODE;
  LOCK TABLE ONLY public.run IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('ALTER TABLE public.run_event DETACH PARTITION partitions.%I', 'run_event_' || week);
  EXECUTE format('ALTER TABLE public.run DETACH PARTITION partitions.%I', 'run_' || week);
END $$;

-- Weeks that have left the tables and are still to be counted and dropped, with their ids.
CREATE FUNCTION run_weeks_detached() RETURNS TABLE (week text, lo uuid, hi uuid) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT substr(c.relname, 5), hd_id_at(to_date(substr(c.relname, 5), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC'),
         hd_id_at((to_date(substr(c.relname, 5), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') + interval '168 hours')
    FROM pg_class c WHERE c.relnamespace = 'partitions'::regnamespace AND c.relname ~ '^run_\d{8}$' AND NOT c.relispartition ORDER BY 1 $$;

-- Counts the runs of a week that has left the tables and drops it, in one transaction.
CREATE FUNCTION run_week_drop(week text) RETURNS TABLE (runs int, events bigint) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE k int; n bigint; lo uuid; hi uuid; BEGIN
  SELECT d.lo, d.hi INTO lo, hi FROM run_weeks_detached() d WHERE d.week = $1;
  IF NOT FOUND THEN RAISE EXCEPTION 'the week % has not left the tables', $1; END IF;
  k := retention_count(format('SELECT * FROM partitions.%I', 'run_' || $1));
  EXECUTE format('SELECT count(*) FROM partitions.%I', 'run_event_' || $1) INTO n;
  DELETE FROM artifact a WHERE a.run_id >= lo AND a.run_id < hi;
  DELETE FROM approval a WHERE a.run_id >= lo AND a.run_id < hi;
  DELETE FROM run_call c WHERE c.caller_run_id >= lo AND c.caller_run_id < hi;
  DELETE FROM event_wait w WHERE w.run_id >= lo AND w.run_id < hi;
  EXECUTE format('DROP TABLE partitions.%I, partitions.%I', 'run_event_' || $1, 'run_' || $1);
  RETURN QUERY SELECT k, n;
END $$;

REVOKE EXECUTE ON FUNCTION retention_cutoffs, retention_count, retention_delete, run_weeks_over, run_week_detach, run_weeks_detached, run_week_drop FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retention_cutoffs, retention_delete, run_weeks_over, run_week_detach, run_weeks_detached, run_week_drop TO heddle_engine;
