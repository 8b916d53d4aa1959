-- The run queue: a lease table in virtual-time order (design §4). Derived from a measured prototype.
-- state: 0 ready, 1 leased, 3 waiting for wake_at.
ALTER TABLE queue_tenant SET (fillfactor = 40, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE run_queue SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0, autovacuum_vacuum_insert_threshold = -1);
ALTER TABLE run SET (fillfactor = 70);
CREATE INDEX run_queue_ready ON run_queue (organization_id, priority DESC, id) WHERE state = 0;
CREATE INDEX run_queue_lease ON run_queue (worker_id) WHERE state = 1;
CREATE INDEX run_queue_wake ON run_queue (wake_at) WHERE state = 3;
-- The pick reads the active tenants only. Not by vt: that changes with every lease, and an index on it would end HOT updates.
CREATE INDEX queue_tenant_active ON queue_tenant (organization_id) WHERE active;

-- A new run of one caller: the run, its queue row and the NOTIFY, never the tenant row. Later than now, it sleeps until then.
CREATE FUNCTION enqueue_run(organization uuid, run_id uuid, workflow uuid, version uuid, trigger text, started_by text, input text, priority smallint,
                            parent_run uuid, retry_from text, at timestamptz) RETURNS void LANGUAGE sql AS $$
  INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, started_by, input, priority, parent_run_id, retry_from)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
  INSERT INTO run_queue (organization_id, run_id, priority, state, wake_at)
  SELECT $1, $2, $8, CASE WHEN later THEN 3 ELSE 0 END, CASE WHEN later THEN $11 END FROM (SELECT coalesce($11 > clock_timestamp(), false) AS later) x;
  SELECT pg_notify('heddle_queue', $1::text) $$;

CREATE FUNCTION rq_activate(ts uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH l AS (SELECT organization_id FROM queue_tenant WHERE organization_id = ANY(ts) AND NOT active ORDER BY organization_id FOR NO KEY UPDATE)
  UPDATE queue_tenant t SET active = true, vt = greatest(t.vt, s.v)
  FROM l, (SELECT coalesce((SELECT min(vt) FROM queue_tenant WHERE active AND running < cap), (SELECT max(vt) FROM queue_tenant)) v) s
  WHERE t.organization_id = l.organization_id $$;

-- Makes tenants known and active. Rows are always inserted and locked in the order of their keys, so that workers cannot deadlock.
CREATE FUNCTION rq_enter(ts uuid[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO queue_tenant (organization_id) SELECT DISTINCT t FROM unnest(ts) t ORDER BY t ON CONFLICT DO NOTHING;
  SELECT rq_activate(ts) $$;

-- Repairs missed activations: a skip scan over the tenants with ready runs.
CREATE FUNCTION rq_discover() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; BEGIN
  WITH RECURSIVE d AS ((SELECT organization_id FROM run_queue WHERE state = 0 ORDER BY organization_id LIMIT 1)
    UNION ALL SELECT (SELECT r.organization_id FROM run_queue r WHERE r.state = 0 AND r.organization_id > d.organization_id ORDER BY r.organization_id LIMIT 1)
              FROM d WHERE d.organization_id IS NOT NULL)
  SELECT array_agg(d.organization_id) INTO ts FROM d LEFT JOIN queue_tenant t USING (organization_id)
   WHERE d.organization_id IS NOT NULL AND (t.active IS NULL OR NOT t.active);
  IF ts IS NULL THEN RETURN 0; END IF;
  PERFORM rq_enter(ts);
  RETURN cardinality(ts);
END $$;

-- One round trip, one commit: settle finished leases, activate notified tenants, lease up to n runs fairly.
CREATE FUNCTION rq_cycle(w int, n int, done bigint[], fences int[], act uuid[])
RETURNS TABLE (id bigint, organization_id uuid, run_id uuid, fence int, workflow_id uuid, version_id uuid, trigger text, input text, queued_ms float8, status run_status,
               parent_run_id uuid, retry_from text, has_mail bool)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE dt uuid[]; dk int[]; ct uuid[];
BEGIN
  IF cardinality(done) > 0 THEN
    WITH d AS (DELETE FROM run_queue q USING unnest(done, fences) f(i, f)
               WHERE q.id = f.i AND q.fence = f.f AND q.worker_id = w RETURNING q.organization_id, q.run_id),
         m AS (DELETE FROM run_inbox i USING d WHERE i.organization_id = d.organization_id AND i.run_id = d.run_id), -- mail that came too late
         c AS (SELECT organization_id t, count(*)::int k FROM d GROUP BY 1)
    SELECT array_agg(t), array_agg(k) INTO dt, dk FROM c;
  END IF;
  IF cardinality(act) > 0 THEN
    INSERT INTO queue_tenant (organization_id) SELECT DISTINCT a FROM unnest(act) a ORDER BY a ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(dt) > 0 OR cardinality(act) > 0 THEN -- one ordered lock set, so workers cannot deadlock
    PERFORM 1 FROM queue_tenant q WHERE q.organization_id = ANY(coalesce(dt, '{}') || act) ORDER BY q.organization_id FOR NO KEY UPDATE;
    UPDATE queue_tenant q SET running = q.running - x.k FROM unnest(dt, dk) x(t, k) WHERE q.organization_id = x.t;
  END IF;
  IF cardinality(act) > 0 THEN PERFORM rq_activate(act); END IF;
  IF n <= 0 THEN RETURN; END IF;
  SELECT array_agg(x.organization_id) INTO ct FROM (SELECT t.organization_id FROM queue_tenant t
     WHERE t.active AND t.running < t.cap ORDER BY t.vt LIMIT n FOR NO KEY UPDATE SKIP LOCKED) x;
  IF ct IS NULL THEN RETURN; END IF;
  RETURN QUERY
  WITH c AS MATERIALIZED (SELECT t.organization_id, t.vt, t.weight, t.cap - t.running room, count(*) OVER () cn, sum(t.weight) OVER () sw
                          FROM queue_tenant t WHERE t.organization_id = ANY(ct)),
  p0 AS MATERIALIZED (SELECT c.organization_id, x.id, c.vt + x.rn / c.weight tag FROM c CROSS JOIN LATERAL (
        SELECT y.id, row_number() OVER (ORDER BY y.priority DESC, y.id) rn FROM (
          SELECT r.id, r.priority FROM run_queue r WHERE r.organization_id = c.organization_id AND r.state = 0 ORDER BY r.priority DESC, r.id
          LIMIT least(c.room, CASE WHEN c.cn = 1 THEN n ELSE ceil(2 * n * c.weight / c.sw)::int + 1 END)) y) x),
  p AS MATERIALIZED (SELECT * FROM p0 ORDER BY tag LIMIT n),
  u AS (UPDATE run_queue r SET state = 1, worker_id = w, fence = r.fence + 1 WHERE r.id = ANY(ARRAY(SELECT p.id FROM p)) AND r.state = 0
        RETURNING r.id, r.run_id, r.fence, r.organization_id),
  k AS (SELECT u.organization_id, count(*)::int k FROM u GROUP BY 1),
  tu AS (UPDATE queue_tenant t SET running = t.running + k.k, vt = t.vt + k.k / t.weight FROM k WHERE t.organization_id = k.organization_id),
  ti AS (UPDATE queue_tenant t SET active = false WHERE t.organization_id = ANY(ct) AND NOT EXISTS (SELECT FROM p0 WHERE p0.organization_id = t.organization_id))
  SELECT u.id, u.organization_id, u.run_id, u.fence, r.workflow_id, r.version_id, r.trigger, r.input, extract(epoch FROM r.queued_at)::float8 * 1000, r.status,
         r.parent_run_id, r.retry_from,
         EXISTS (SELECT FROM run_inbox i WHERE i.organization_id = u.organization_id AND i.run_id = u.run_id)
    FROM u JOIN LATERAL (SELECT * FROM run r0 WHERE r0.organization_id = u.organization_id AND r0.id = u.run_id LIMIT 1) r ON true;
END $$;

CREATE FUNCTION rq_wake(lim int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; k int; BEGIN
  WITH u AS (UPDATE run_queue q SET state = 0, wake_at = NULL WHERE q.id = ANY(ARRAY(SELECT id FROM run_queue
       WHERE state = 3 AND wake_at <= now() ORDER BY wake_at LIMIT lim FOR UPDATE SKIP LOCKED)) RETURNING organization_id)
  SELECT array_agg(DISTINCT organization_id), count(*) INTO ts, k FROM u;
  IF k > 0 THEN PERFORM rq_enter(ts); END IF;
  RETURN k;
END $$;

-- Whether a tenant may have runs to lease: a worker with free slots whose cycle came back empty (SKIP LOCKED) then asks again.
CREATE FUNCTION rq_backlog() RETURNS bool LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT FROM queue_tenant WHERE active AND running < cap) $$;

-- A new worker: its id, with the session advisory lock taken before anybody can see the row.
CREATE FUNCTION rq_register() RETURNS int LANGUAGE plpgsql AS $$
DECLARE w int := nextval(pg_get_serial_sequence('queue_worker', 'id')); BEGIN
  PERFORM pg_advisory_lock(7701, w);
  INSERT INTO queue_worker (id) VALUES (w);
  RETURN w;
END $$;

-- Take over the runs of workers whose session advisory lock is free, with a row in queue_worker or (a skip scan over the leases) without.
CREATE FUNCTION rq_reap(me int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE d int[]; o int[]; dt uuid[]; dk int[]; BEGIN
  SELECT array_agg(id) INTO d FROM (SELECT id FROM queue_worker
     WHERE id <> me AND started_at < now() - interval '2 s' AND pg_try_advisory_xact_lock(7701, id) FOR UPDATE SKIP LOCKED) x;
  WITH RECURSIVE l AS ((SELECT worker_id FROM run_queue WHERE state = 1 ORDER BY worker_id LIMIT 1)
    UNION ALL SELECT (SELECT q.worker_id FROM run_queue q WHERE q.state = 1 AND q.worker_id > l.worker_id ORDER BY q.worker_id LIMIT 1)
              FROM l WHERE l.worker_id IS NOT NULL),
  x AS MATERIALIZED (SELECT worker_id FROM l WHERE worker_id <> me AND NOT EXISTS (SELECT FROM queue_worker w WHERE w.id = l.worker_id))
  SELECT array_agg(worker_id) INTO o FROM x WHERE pg_try_advisory_xact_lock(7701, worker_id);
  d := d || o;
  IF d IS NULL THEN RETURN 0; END IF;
  WITH u AS (UPDATE run_queue SET state = 0, worker_id = NULL WHERE worker_id = ANY(d) AND state = 1 RETURNING organization_id),
       c AS (SELECT organization_id t, count(*)::int k FROM u GROUP BY 1)
  SELECT array_agg(t), array_agg(k) INTO dt, dk FROM c;
  IF dt IS NOT NULL THEN
    PERFORM 1 FROM queue_tenant q WHERE q.organization_id = ANY(dt) ORDER BY q.organization_id FOR NO KEY UPDATE;
    UPDATE queue_tenant q SET running = q.running - x.k FROM unnest(dt, dk) x(t, k) WHERE q.organization_id = x.t;
    PERFORM rq_activate(dt);
  END IF;
  DELETE FROM queue_worker WHERE id = ANY(d);
  RETURN greatest(coalesce(cardinality(dt), 0), 1);
END $$;

-- Puts right what should never be wrong: the count of running runs per tenant, and mail of runs that have left the queue. Returns the tenants put right.
CREATE FUNCTION rq_reconcile() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; k int; BEGIN
  DELETE FROM run_inbox i WHERE i.created_at < now() - interval '10 min'
     AND NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = i.organization_id AND q.run_id = i.run_id);
  SELECT array_agg(t.organization_id) INTO ts FROM queue_tenant t
    LEFT JOIN (SELECT organization_id, count(*)::int n FROM run_queue WHERE state = 1 GROUP BY 1) c USING (organization_id) WHERE t.running <> coalesce(c.n, 0);
  IF ts IS NULL THEN RETURN 0; END IF;
  PERFORM 1 FROM queue_tenant t WHERE t.organization_id = ANY(ts) ORDER BY t.organization_id FOR NO KEY UPDATE;
  -- leases change under the lock of their tenant's row: what this statement sees is what is
  UPDATE queue_tenant t SET running = coalesce(c.n, 0)
    FROM unnest(ts) x(o) LEFT JOIN (SELECT organization_id, count(*)::int n FROM run_queue WHERE state = 1 AND organization_id = ANY(ts) GROUP BY 1) c
      ON c.organization_id = x.o
   WHERE t.organization_id = x.o AND t.running <> coalesce(c.n, 0);
  GET DIAGNOSTICS k = ROW_COUNT;
  RETURN k;
END $$;

DO $$ DECLARE f text; BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'rq\_%' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO heddle_engine', f);
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION enqueue_run FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_run TO heddle_app, heddle_engine;
