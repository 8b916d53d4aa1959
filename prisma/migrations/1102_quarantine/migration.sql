-- Worker liveness and the quarantine of runs whose worker died (decision 1101).
-- State 4 is a run without a worker that keeps its places (tenant, gates). `trial` says who may take it:
-- 0 any worker (handed back, nobody blames it) · 1 together with others in quarantine · 2 alone · 3 alone, and nothing starts beside it for a minute · 4 none: it is
-- convicted, the next worker ends it. A lease keeps the trial, so that a quarantine process which hands a run back hands it back as what it was.
ALTER TABLE "run_queue"
  ADD COLUMN "deaths" SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN "trial" SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN "excuses" SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN "blamed_worker" INTEGER,
  ADD COLUMN "leased_at" TIMESTAMPTZ(3),
  ADD COLUMN "seen_at" TIMESTAMPTZ(3);
CREATE INDEX run_queue_suspect ON run_queue (trial, id) WHERE state = 4;
CREATE INDEX run_queue_blamed ON run_queue (blamed_worker) WHERE blamed_worker IS NOT NULL;

-- A row without beat_at is a place that the worker reserved_by keeps for a quarantine process it is starting.
ALTER TABLE "queue_worker"
  ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'worker',
  ADD COLUMN "beat_at" TIMESTAMPTZ(3),
  ADD COLUMN "excused" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "reserved_by" INTEGER,
  ADD CONSTRAINT "queue_worker_kind_check" CHECK ("kind" IN ('worker', 'together', 'alone'));

-- A new worker: its id, with the session advisory lock taken before anybody can see that it lives.
DROP FUNCTION rq_register();
CREATE FUNCTION rq_register(kind text DEFAULT 'worker', reserved int DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE w int := coalesce(reserved, nextval(pg_get_serial_sequence('queue_worker', 'id'))); BEGIN
  PERFORM pg_advisory_lock(7701, w);
  INSERT INTO queue_worker (id, kind, started_at, beat_at) VALUES (w, $1, clock_timestamp(), clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, beat_at = excluded.beat_at;
  RETURN w;
END $$;

-- A sign of life beside the lock, for a process that is frozen keeps its lock. False: a peer has taken this worker's runs over.
CREATE FUNCTION rq_beat(w int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE queue_worker SET beat_at = clock_timestamp() WHERE id = w;
  RETURN FOUND;
END $$;

-- What a worker has to know several times a second, in one read: whether sleeping runs are due, whether a peer died (its lock is free) or is frozen (its beat is
-- old and the asker has beaten all the while), whether tenants have runs to lease, runs without a worker by their trial, and versions of which three runs
-- were convicted lately: fewer may be their input, and the others must not wait for each other.
CREATE FUNCTION rq_look(me int, steady boolean) RETURNS TABLE (due boolean, dead boolean, backlog boolean, orphans int, together int, alone int, poisonous uuid[])
LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM run_queue WHERE state = 3 AND wake_at <= now()) OR EXISTS (SELECT FROM queue_gate WHERE next_at <= now()),
         EXISTS (SELECT FROM queue_worker w WHERE w.id <> me AND CASE
           WHEN w.beat_at IS NULL THEN w.started_at < now() - interval '15 s' OR pg_try_advisory_xact_lock(7701, w.reserved_by)
           WHEN steady AND w.beat_at < now() - interval '30 s' THEN true
           ELSE pg_try_advisory_xact_lock(7701, w.id) END),
         EXISTS (SELECT FROM queue_tenant WHERE active AND running < cap),
         coalesce(sum(s.n) FILTER (WHERE s.trial IN (0, 4)), 0)::int, coalesce(sum(s.n) FILTER (WHERE s.trial = 1), 0)::int, coalesce(sum(s.n) FILTER (WHERE s.trial IN (2, 3)), 0)::int,
         ARRAY(SELECT version_id FROM dead_letter WHERE reason = 'poisoned' AND at > now() - interval '10 min' GROUP BY version_id HAVING count(*) >= 3)
    FROM (SELECT trial, count(*)::int AS n FROM run_queue WHERE state = 4 GROUP BY trial) s $$;

-- Takes the runs of workers that died or are frozen away from them. They keep their places as suspects. A run that was alone with its worker is to blame; of several,
-- each might be. Nobody is to blame where PostgreSQL itself was started anew since, or where a quarantine process and the worker it belongs to died both. Three deaths convict, the last of them alone; where a version has poisoned three
-- runs within ten minutes, one death alone is enough for its others. Returns whether there was anything to do.
DROP FUNCTION rq_reap(int);
CREATE FUNCTION rq_reap(me int, steady boolean DEFAULT false) RETURNS int LANGUAGE plpgsql AS $$
DECLARE d int[]; o int[]; b int[]; r record; n int; BEGIN
  SELECT array_agg(id) INTO d FROM (SELECT id FROM queue_worker w WHERE w.id <> me AND CASE
       WHEN w.beat_at IS NULL THEN w.started_at < now() - interval '15 s' OR pg_try_advisory_xact_lock(7701, w.reserved_by)
       WHEN steady AND w.beat_at < now() - interval '30 s' THEN true
       ELSE pg_try_advisory_xact_lock(7701, w.id) END FOR UPDATE SKIP LOCKED) x;
  -- leases of workers without a row: a skip scan
  WITH RECURSIVE l AS ((SELECT worker_id FROM run_queue WHERE state = 1 ORDER BY worker_id LIMIT 1)
    UNION ALL SELECT (SELECT q.worker_id FROM run_queue q WHERE q.state = 1 AND q.worker_id > l.worker_id ORDER BY q.worker_id LIMIT 1)
              FROM l WHERE l.worker_id IS NOT NULL),
  x AS MATERIALIZED (SELECT worker_id FROM l WHERE worker_id <> me AND NOT EXISTS (SELECT FROM queue_worker w WHERE w.id = l.worker_id))
  SELECT array_agg(worker_id) INTO o FROM x WHERE pg_try_advisory_xact_lock(7701, worker_id);
  d := d || o;
  IF d IS NULL THEN RETURN 0; END IF;
  -- a frozen one that wakes up finds its session gone
  PERFORM pg_terminate_backend(k.pid) FROM pg_locks k JOIN pg_stat_activity a ON a.pid = k.pid AND a.application_name = 'heddle worker'
    WHERE k.locktype = 'advisory' AND k.classid = 7701 AND k.objid::int = ANY(d) AND k.objsubid = 2 AND k.granted AND k.pid <> pg_backend_pid()
      AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database());
  -- a run kills its own process: where the worker that started the process died too, something else did
  SELECT array_agg(id) INTO b FROM queue_worker w WHERE id = ANY(d) AND NOT excused AND started_at > pg_postmaster_start_time()
     AND (reserved_by IS NULL OR EXISTS (SELECT FROM queue_worker p WHERE p.id = w.reserved_by AND NOT p.id = ANY(d)));

  UPDATE run_queue q SET state = 4, worker_id = NULL WHERE q.state = 1 AND q.worker_id = ANY(d) AND NOT q.worker_id = ANY(coalesce(b, '{}'));
  FOR r IN SELECT q.id, q.organization_id, q.run_id, q.deaths, q.trial, q.blamed_worker, q.worker_id, w.kind, v.version_id, l.at seen, count(*) OVER (PARTITION BY q.worker_id) others,
                  q.leased_at < now() - interval '10 min' long, p.known, CASE WHEN p.known >= 3 THEN 1 ELSE 3 END allowed
             FROM run_queue q JOIN queue_worker w ON w.id = q.worker_id
             JOIN LATERAL (SELECT version_id FROM run WHERE organization_id = q.organization_id AND run.id = q.run_id LIMIT 1) v ON true
             LEFT JOIN LATERAL (SELECT at FROM run_event e WHERE e.organization_id = q.organization_id AND e.run_id = q.run_id ORDER BY seq DESC LIMIT 1) l ON true
             JOIN LATERAL (SELECT count(*) known FROM dead_letter x WHERE x.reason = 'poisoned' AND x.at > now() - interval '10 min'
                             AND x.organization_id = q.organization_id AND x.version_id = v.version_id) p ON true
            WHERE q.state = 1 AND q.worker_id = ANY(b) LOOP
    -- an ordinary worker has only such suspects as slept since: they count anew
    n := CASE WHEN r.long OR r.kind = 'worker' THEN 1 WHEN r.kind = 'alone' AND r.others > 1 THEN r.deaths ELSE r.deaths + 1 END;
    UPDATE run_queue q SET state = 4, worker_id = NULL, deaths = n, blamed_worker = r.worker_id, seen_at = r.seen, trial = CASE
        WHEN r.kind = 'alone' AND r.others > 1 THEN 3
        WHEN r.kind = 'alone' AND n >= r.allowed THEN 4
        WHEN n >= 2 OR r.known >= 3 THEN 2 ELSE 1 END
      WHERE q.id = r.id;
    -- the culprit is found: those who died with it before are tried together again, but for runs of the same version
    IF r.kind = 'alone' AND r.others = 1 AND n >= r.allowed AND r.blamed_worker IS NOT NULL THEN
      UPDATE run_queue q SET deaths = 1, trial = 1 WHERE q.state = 4 AND q.trial = 2 AND q.deaths = 2 AND q.blamed_worker = r.blamed_worker
        AND NOT EXISTS (SELECT FROM run x WHERE x.organization_id = q.organization_id AND x.id = q.run_id AND x.version_id = r.version_id);
    END IF;
  END LOOP;
  DELETE FROM queue_worker WHERE id = ANY(d);
  RETURN 1;
END $$;

-- A worker that lost its connection, or stops: it hands back what it still holds, and what peers blame on it is taken back. Not without end: a run could be what makes
-- workers lose their connections.
CREATE FUNCTION rq_excuse(w int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE queue_worker SET excused = true WHERE id = w;
  UPDATE run_queue SET state = 4, worker_id = NULL WHERE worker_id = w AND state = 1;
  UPDATE run_queue SET deaths = greatest(deaths - 1, 0), excuses = excuses + 1, blamed_worker = NULL,
                       trial = CASE WHEN deaths <= 1 THEN 0 WHEN deaths = 2 THEN 1 ELSE 2 END
   WHERE blamed_worker = w AND excuses < 20;
END $$;

-- A worker ends as it should.
CREATE FUNCTION rq_leave(w int) RETURNS void LANGUAGE sql AS $$
  SELECT rq_excuse(w);
  DELETE FROM queue_worker WHERE id = w $$;

-- A place for a quarantine process, so that several workers do not each start one; null when there is one that has room. Of those that try runs alone there may be
-- three, when the others are occupied for longer.
CREATE FUNCTION rq_reserve(k text, me int DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE waiting int; busy int; w int; BEGIN
  PERFORM pg_advisory_xact_lock(7702, CASE k WHEN 'together' THEN 1 ELSE 2 END);
  SELECT count(*) INTO waiting FROM run_queue WHERE state = 4 AND CASE k WHEN 'together' THEN trial = 1 ELSE trial IN (2, 3) END;
  IF waiting = 0 THEN RETURN NULL; END IF;
  IF k = 'together' THEN busy := waiting / 1000;
  ELSE
    SELECT least(count(*), 2) INTO busy FROM queue_worker x WHERE x.kind = k
       AND (SELECT max(q.leased_at) < clock_timestamp() - interval '1 s' FROM run_queue q WHERE q.state = 1 AND q.worker_id = x.id);
  END IF;
  IF (SELECT count(*) FROM queue_worker WHERE kind = k) > busy THEN RETURN NULL; END IF;
  INSERT INTO queue_worker (kind, reserved_by) VALUES (k, me) RETURNING id INTO w;
  RETURN w;
END $$;

-- Runs that a worker leased and will not execute itself: their version is known to kill.
CREATE FUNCTION rq_quarantine(w int, ids bigint[], fences int[]) RETURNS void LANGUAGE sql AS $$
  UPDATE run_queue q SET state = 4, worker_id = NULL, trial = greatest(q.trial, 2) FROM unnest(ids, fences) f(i, f)
   WHERE q.id = f.i AND q.fence = f.f AND q.worker_id = w AND q.state = 1 $$;

-- Leases runs without a worker to one that may have them: `worker` what was handed back or convicted, `together` all first suspects, `alone` one, and the next when
-- it has ended or has run for 5 s. Whose log moved last before the death is suspected most: it is started last where it may kill others, and first where it is alone.
-- Versions known to kill come last. Columns as of rq_cycle.
CREATE FUNCTION rq_lease_suspects(w int, n int)
RETURNS TABLE (id bigint, organization_id uuid, run_id uuid, fence int, workflow_id uuid, version_id uuid, trigger text, input text, queued_ms float8, status run_status,
               parent_run_id uuid, retry_from text, has_mail bool, deaths int, convicted bool)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE k text; room int := n; ids bigint[]; BEGIN
  SELECT kind INTO k FROM queue_worker q WHERE q.id = w;
  IF k = 'alone' THEN
    room := CASE WHEN EXISTS (SELECT FROM run_queue q WHERE q.state = 1 AND q.worker_id = w
                                AND q.leased_at > clock_timestamp() - CASE WHEN q.trial = 3 THEN interval '60 s' ELSE interval '5 s' END) THEN 0 ELSE least(n, 1) END;
  END IF;
  IF room <= 0 OR k IS NULL THEN RETURN; END IF;
  SELECT array_agg(x.id) INTO ids FROM (
    SELECT q.id FROM run_queue q LEFT JOIN LATERAL (SELECT true known FROM run v JOIN dead_letter l ON l.organization_id = v.organization_id AND l.version_id = v.version_id
              WHERE v.organization_id = q.organization_id AND v.id = q.run_id AND l.reason = 'poisoned' AND l.at > now() - interval '10 min' LIMIT 1) p ON k = 'alone'
     WHERE q.state = 4 AND CASE k WHEN 'worker' THEN q.trial IN (0, 4) WHEN 'together' THEN q.trial = 1 ELSE q.trial IN (2, 3) END
     ORDER BY p.known NULLS FIRST, CASE WHEN k = 'alone' THEN -1 ELSE 1 END * extract(epoch FROM coalesce(q.seen_at, now())), q.id
     LIMIT room FOR UPDATE OF q SKIP LOCKED) x;
  IF ids IS NULL THEN RETURN; END IF;
  RETURN QUERY
  WITH u AS (UPDATE run_queue r SET state = 1, worker_id = w, fence = r.fence + 1, leased_at = CASE WHEN k <> 'worker' THEN clock_timestamp() END
              WHERE r.id = ANY(ids) AND r.state = 4 RETURNING r.id, r.run_id, r.fence, r.organization_id, r.deaths, r.trial)
  SELECT u.id, u.organization_id, u.run_id, u.fence, r.workflow_id, r.version_id, r.trigger, r.input, extract(epoch FROM r.queued_at)::float8 * 1000, r.status,
         r.parent_run_id, r.retry_from,
         EXISTS (SELECT FROM run_inbox i WHERE i.organization_id = u.organization_id AND i.run_id = u.run_id), u.deaths::int, u.trial = 4
    FROM u JOIN LATERAL (SELECT * FROM run r0 WHERE r0.organization_id = u.organization_id AND r0.id = u.run_id LIMIT 1) r ON true;
END $$;

-- Puts right what should never be wrong: the count of running runs per tenant (suspects keep their places), gates, and mail of runs that have left the queue.
-- Returns the tenants put right.
CREATE OR REPLACE FUNCTION rq_reconcile() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; k int := 0; BEGIN
  DELETE FROM run_inbox i WHERE i.created_at < now() - interval '10 min'
     AND NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = i.organization_id AND q.run_id = i.run_id);
  SELECT array_agg(t.organization_id) INTO ts FROM queue_tenant t
    LEFT JOIN (SELECT organization_id, count(*)::int n FROM run_queue WHERE state IN (1, 4) GROUP BY 1) c USING (organization_id) WHERE t.running <> coalesce(c.n, 0);
  IF ts IS NOT NULL THEN
    PERFORM 1 FROM queue_tenant t WHERE t.organization_id = ANY(ts) ORDER BY t.organization_id FOR NO KEY UPDATE;
    -- leases change under the lock of their tenant's row: what this statement sees is what is
    UPDATE queue_tenant t SET running = coalesce(c.n, 0)
      FROM unnest(ts) x(o) LEFT JOIN (SELECT organization_id, count(*)::int n FROM run_queue WHERE state IN (1, 4) AND organization_id = ANY(ts) GROUP BY 1) c
        ON c.organization_id = x.o
     WHERE t.organization_id = x.o AND t.running <> coalesce(c.n, 0);
    GET DIAGNOSTICS k = ROW_COUNT;
  END IF;
  IF to_regprocedure('rq_reconcile_gates()') IS NOT NULL THEN EXECUTE 'SELECT rq_reconcile_gates()'; END IF;
  RETURN k;
END $$;

DO $$ DECLARE f text; BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'rq\_%' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO heddle_engine', f);
  END LOOP;
END $$;
