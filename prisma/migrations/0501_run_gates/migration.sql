-- Gates: caps and rates of a project, a workflow or a key that a run has to pass before it is ready. Everything about the gates of an organization
-- changes under the lock of its row in queue_tenant, so caps are strict with any number of workers, and there is one order of locks: organizations by id.
-- run_queue.gates lists them in the order they are passed: `NAME` or `NAME=CAP`, `rate:…=LIMIT/MS`. A run stands in one line at a time (state 2, held_by) and keeps
-- its places at the gates before: each run passes each gate once, so no event ever looks at a whole line. The order is from narrow to wide (key, workflow,
-- project), so a place that is kept while waiting could be used by nobody else. A rate that was passed is taken off the list; places are given back when the
-- run ends or sleeps. Runs in state 0, 1 and 4 hold all their places. Runs without gates have null and never come here.
CREATE TABLE "queue_gate" (
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "cap" INTEGER,
    "running" INTEGER NOT NULL DEFAULT 0,
    "rate" INTEGER,
    "rate_ms" INTEGER,
    "starts_at" TIMESTAMPTZ(3)[] DEFAULT '{}',
    "starts" INTEGER[] DEFAULT '{}',
    "next_at" TIMESTAMPTZ(3),

    CONSTRAINT "queue_gate_pkey" PRIMARY KEY ("organization_id","name")
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
-- lines that go on by the clock
CREATE INDEX queue_gate_due ON queue_gate (next_at) WHERE next_at IS NOT NULL;

-- Keys of starts: the run that a key stands for, until when (dedupe) or since when (debounce).
CREATE TABLE "run_key" (
    "organization_id" UUID NOT NULL,
    "workflow_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "run_key_pkey" PRIMARY KEY ("organization_id","workflow_id","kind","key")
);
CREATE INDEX "run_key_expires_at_idx" ON "run_key"("expires_at");

ALTER TABLE run_queue ADD COLUMN gates TEXT[], ADD COLUMN held_by TEXT;
ALTER TABLE project ADD COLUMN concurrency INTEGER;
CREATE INDEX run_queue_held ON run_queue (organization_id, held_by, priority DESC, id) WHERE state = 2 AND held_by IS NOT NULL;
CREATE INDEX run_queue_arrived ON run_queue (organization_id, priority DESC, id) WHERE state = 2 AND held_by IS NULL;
CREATE INDEX run_queue_gated ON run_queue (organization_id) WHERE gates IS NOT NULL;

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['queue_gate', 'run_key'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_engine', t);
  END LOOP;
END $$;
GRANT SELECT ON queue_gate TO heddle_app;
GRANT SELECT, INSERT, UPDATE ON run_key TO heddle_app;
CREATE POLICY tenant ON queue_tenant TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization());
GRANT SELECT, INSERT (organization_id, cap), UPDATE (cap) ON queue_tenant TO heddle_app;
-- what a debounced start changes of the run it joins
GRANT UPDATE (input, version_id, priority) ON run TO heddle_app;
GRANT UPDATE (wake_at, priority, gates) ON run_queue TO heddle_app;

-- The name of the gate after `at` in the list, of the first one without `at`.
CREATE FUNCTION rq_next_gate(gates text[], at text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE here bool := at IS NULL; g text; BEGIN
  FOREACH g IN ARRAY gates LOOP
    g := split_part(g, '=', 1);
    IF here THEN RETURN g; END IF;
    here := g = at;
  END LOOP;
  RETURN NULL;
END $$;

-- The gates left for a run that passed `at`: a rate is passed once in a life.
CREATE FUNCTION rq_gates_after(gates text[], at text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN at LIKE 'rate:%' THEN (SELECT array_agg(g ORDER BY i) FROM unnest(gates) WITH ORDINALITY x(g, i) WHERE split_part(g, '=', 1) <> at) ELSE gates END $$;

-- The gates a run holds a place at.
CREATE FUNCTION rq_places(gates text[], state int, held_by text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE held text[] := '{}'; g text; BEGIN
  IF gates IS NULL OR state = 3 OR (state = 2 AND held_by IS NULL) THEN RETURN held; END IF;
  FOREACH g IN ARRAY gates LOOP
    g := split_part(g, '=', 1);
    IF state = 2 AND g = held_by THEN RETURN held; END IF;
    IF g NOT LIKE 'rate:%' THEN held := held || g; END IF;
  END LOOP;
  RETURN held;
END $$;

-- Locks the rows of organizations, in the order of their keys; those that are new are made.
CREATE FUNCTION rq_lock(ts uuid[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO queue_tenant (organization_id) SELECT DISTINCT t FROM unnest(ts) t ORDER BY t ON CONFLICT DO NOTHING;
  PERFORM 1 FROM queue_tenant q WHERE q.organization_id = ANY(ts) ORDER BY q.organization_id FOR NO KEY UPDATE;
END $$;

-- Lines move on: who has room at the head of a line goes to the next gate, or is ready. The organizations are locked. Returns how many became ready.
CREATE FUNCTION rq_let_through(go uuid[], gn text[]) RETURNS int LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE moment timestamptz; os uuid[] := go; ns text[] := gn; ready uuid[]; total int := 0; k int; clocked bool; no uuid[]; nn text[];
BEGIN
  WHILE os IS NOT NULL LOOP
    moment := clock_timestamp();
    WITH w AS MATERIALIZED (
      SELECT d.o, d.n, g.rate, g.rate_ms, g.next_at IS NOT NULL AS timed,
             CASE WHEN g.rate IS NULL THEN coalesce(g.cap, 1000000) - coalesce(g.running, 0)
                  -- counted a little longer than asked: a run begins some moments after it was let through
                  ELSE g.rate - (SELECT coalesce(sum(s.k), 0) FROM unnest(g.starts_at, g.starts) s(t, k) WHERE s.t > moment - (g.rate_ms + 20) * interval '1 ms') END AS room
        FROM (SELECT DISTINCT x.o, x.n FROM unnest(os, ns) x(o, n)) d LEFT JOIN queue_gate g ON g.organization_id = d.o AND g.name = d.n),
    x AS MATERIALIZED (
      SELECT w.o, w.n, r.id, rq_next_gate(r.gates, w.n) AS nxt
        FROM w CROSS JOIN LATERAL (SELECT q.id, q.gates FROM run_queue q WHERE q.organization_id = w.o AND q.state = 2 AND q.held_by = w.n
                                    ORDER BY q.priority DESC, q.id LIMIT least(greatest(w.room, 0), 1000)) r),
    u AS (UPDATE run_queue q SET state = CASE WHEN rq_next_gate(q.gates, q.held_by) IS NULL THEN 0 ELSE 2 END,
                 held_by = rq_next_gate(q.gates, q.held_by), gates = rq_gates_after(q.gates, q.held_by)
           WHERE q.id = ANY(ARRAY(SELECT x.id FROM x)) AND q.state = 2 AND q.held_by IS NOT NULL),
    c AS MATERIALIZED (SELECT x.o, x.n, count(*)::int AS k FROM x GROUP BY 1, 2),
    p AS (UPDATE queue_gate g SET running = g.running + c.k FROM c WHERE g.organization_id = c.o AND g.name = c.n AND g.rate IS NULL),
    l AS (UPDATE queue_gate g SET (starts_at, starts) = (
                 SELECT array_agg(y.t ORDER BY y.t), array_agg(y.k ORDER BY y.t) FROM (
                   SELECT max(v.t) AS t, sum(v.k)::int AS k FROM (
                     SELECT s.t, s.k FROM unnest(g.starts_at, g.starts) s(t, k) WHERE s.t > moment - (g.rate_ms + 20) * interval '1 ms'
                     UNION ALL SELECT moment, c.k) v
                    -- one entry a moment, or for high rates a hundred a period
                    GROUP BY CASE WHEN g.rate <= 100 THEN extract(epoch FROM v.t) ELSE floor(extract(epoch FROM v.t) * 1000 / (g.rate_ms / 100)) END) y)
            FROM c WHERE g.organization_id = c.o AND g.name = c.n AND g.rate IS NOT NULL)
    SELECT (SELECT bool_or(w.rate IS NOT NULL OR w.timed OR w.room > 1000) FROM w),
           array_agg(DISTINCT x.o) FILTER (WHERE x.nxt IS NULL), count(*) FILTER (WHERE x.nxt IS NULL),
           array_agg(x.o) FILTER (WHERE x.nxt IS NOT NULL), array_agg(x.nxt) FILTER (WHERE x.nxt IS NOT NULL)
      INTO clocked, ready, k, no, nn FROM x;
    IF clocked THEN -- when the head of the line may go: at once if a batch was not enough, at the end of a period if the rate is used up
      UPDATE queue_gate g SET next_at = CASE
               WHEN NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = g.organization_id AND q.state = 2 AND q.held_by = g.name) THEN NULL
               WHEN g.rate IS NULL THEN CASE WHEN g.running < coalesce(g.cap, 1000000) THEN moment END
               WHEN (SELECT coalesce(sum(s.k), 0) FROM unnest(g.starts) s(k)) < g.rate THEN moment
               ELSE g.starts_at[1] + (g.rate_ms + 20) * interval '1 ms' END
        FROM (SELECT DISTINCT x.o, x.n FROM unnest(os, ns) x(o, n)) d
       WHERE g.organization_id = d.o AND g.name = d.n;
    END IF;
    IF k > 0 THEN PERFORM rq_activate(ready); END IF;
    total := total + k;
    os := no;
    ns := nn;
  END LOOP;
  RETURN total;
END $$;

-- Makes the gates of runs known: caps and rates are those of the run that was started last.
CREATE FUNCTION rq_know_gates(ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE os uuid[]; ns text[]; sp text[]; fr bool[]; BEGIN
  SELECT array_agg(y.o), array_agg(y.n), array_agg(y.spec), array_agg(y.fresh) INTO os, ns, sp, fr FROM (
    SELECT DISTINCT ON (1, 2) q.organization_id AS o, split_part(g, '=', 1) AS n, nullif(split_part(g, '=', 2), '') AS spec, q.fence = 0 AS fresh
      FROM run_queue q CROSS JOIN LATERAL unnest(q.gates) g WHERE q.id = ANY(ids) ORDER BY 1, 2, q.fence = 0 DESC, q.id DESC) y;
  INSERT INTO queue_gate (organization_id, name, cap, rate, rate_ms)
  SELECT x.o, x.n, CASE WHEN x.spec NOT LIKE '%/%' THEN x.spec::int END, CASE WHEN x.spec LIKE '%/%' THEN split_part(x.spec, '/', 1)::int END,
         CASE WHEN x.spec LIKE '%/%' THEN split_part(x.spec, '/', 2)::int END
    FROM unnest(os, ns, sp) x(o, n, spec) WHERE NOT EXISTS (SELECT FROM queue_gate g WHERE g.organization_id = x.o AND g.name = x.n) ON CONFLICT DO NOTHING;
  UPDATE queue_gate g SET cap = CASE WHEN x.spec NOT LIKE '%/%' THEN x.spec::int END, rate = CASE WHEN x.spec LIKE '%/%' THEN split_part(x.spec, '/', 1)::int END,
         rate_ms = CASE WHEN x.spec LIKE '%/%' THEN split_part(x.spec, '/', 2)::int END, next_at = clock_timestamp()
    FROM unnest(os, ns, sp, fr) x(o, n, spec, fresh)
   WHERE g.organization_id = x.o AND g.name = x.n AND x.fresh AND x.spec IS NOT NULL AND x.spec IS DISTINCT FROM coalesce(g.rate || '/' || g.rate_ms, g.cap::text);
END $$;

-- New arrivals and runs that woke join the line of their first gate, and lines move on. The organizations are locked. Returns how many became ready.
CREATE FUNCTION rq_admit(ts uuid[]) RETURNS int LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE ids bigint[]; os uuid[]; ns text[]; BEGIN
  SELECT array_agg(x.id) INTO ids FROM unnest(ts) t(o) CROSS JOIN LATERAL (
    SELECT q.id FROM run_queue q WHERE q.organization_id = t.o AND q.state = 2 AND q.held_by IS NULL ORDER BY q.priority DESC, q.id LIMIT 2000) x;
  IF ids IS NULL THEN RETURN 0; END IF;
  PERFORM rq_know_gates(ids);
  WITH u AS (UPDATE run_queue q SET held_by = rq_next_gate(q.gates, NULL) WHERE q.id = ANY(ids) AND q.state = 2 AND q.held_by IS NULL RETURNING q.organization_id, q.held_by)
  SELECT array_agg(y.organization_id), array_agg(y.held_by) INTO os, ns FROM (SELECT DISTINCT u.organization_id, u.held_by FROM u) y;
  IF cardinality(ids) >= 2000 THEN PERFORM pg_notify('heddle_queue', t::text) FROM (SELECT DISTINCT t FROM unnest(ts) t) x; END IF;
  RETURN rq_let_through(os, ns);
END $$;

-- Gives places back, one for each pair, and lets the next ones through. The organizations are locked.
CREATE FUNCTION rq_give_back(go uuid[], gn text[]) RETURNS int LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  UPDATE queue_gate g SET running = greatest(g.running - x.k, 0) FROM (SELECT y.o, y.n, count(*)::int AS k FROM unnest(go, gn) y(o, n) GROUP BY 1, 2) x
   WHERE g.organization_id = x.o AND g.name = x.n;
  RETURN rq_let_through(go, gn);
END $$;

DROP FUNCTION enqueue_run;
-- A new run of one caller: the run, its queue row and the NOTIFY, never the tenant row. Later than now, it sleeps until then; with gates it arrives at them.
-- A project with a limit adds its own gate.
CREATE FUNCTION enqueue_run(organization uuid, run_id uuid, workflow uuid, version uuid, trigger text, started_by text, input text, priority smallint,
                            parent_run uuid, retry_from text, at timestamptz, gates text[] DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  INSERT INTO run (organization_id, id, workflow_id, version_id, trigger, started_by, input, priority, parent_run_id, retry_from)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
  INSERT INTO run_queue (organization_id, run_id, priority, state, wake_at, gates)
  SELECT $1, $2, $8, CASE WHEN x.later THEN 3 WHEN x.g IS NULL THEN 0 ELSE 2 END, CASE WHEN x.later THEN $11 END, x.g
    FROM (SELECT coalesce($11 > clock_timestamp(), false) AS later,
                 coalesce((SELECT coalesce($12, '{}') || ('project:' || p.id) FROM workflow w JOIN project p ON p.organization_id = w.organization_id AND p.id = w.project_id
                            WHERE w.organization_id = $1 AND w.id = $3 AND p.concurrency IS NOT NULL), $12) AS g) x;
  SELECT pg_notify('heddle_queue', $1::text) $$;

-- The same for a start with a key. Dedupe: a key that was used within the window is the run of then, and nothing is started. Debounce: a run that still
-- sleeps takes the latest input and sleeps on. The row of the key makes concurrent starts take turns.
CREATE FUNCTION submit_run(organization uuid, run_id uuid, workflow uuid, version uuid, trigger text, started_by text, input text, priority smallint, at timestamptz, gates text[],
                           dedupe_key text, dedupe_ms bigint, debounce_key text, debounce_ms bigint, debounce_max_ms bigint)
RETURNS TABLE (run uuid, outcome text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE before uuid; first timestamptz; starts timestamptz := at; BEGIN
  IF dedupe_key IS NOT NULL THEN
    INSERT INTO run_key AS k (organization_id, workflow_id, kind, key, run_id, since, expires_at)
    VALUES ($1, $3, 'dedupe', dedupe_key, $2, clock_timestamp(), clock_timestamp() + dedupe_ms * interval '1 ms')
    ON CONFLICT (organization_id, workflow_id, kind, key) DO UPDATE SET run_id = excluded.run_id, since = excluded.since, expires_at = excluded.expires_at
      WHERE k.expires_at <= clock_timestamp();
    IF NOT FOUND THEN
      SELECT k.run_id INTO before FROM run_key k WHERE k.organization_id = $1 AND k.workflow_id = $3 AND k.kind = 'dedupe' AND k.key = dedupe_key;
      -- the same start again: its first process died before it could answer
      RETURN QUERY SELECT before, CASE WHEN before = $2 THEN 'started' ELSE 'deduplicated' END;
      RETURN;
    END IF;
  END IF;
  IF debounce_key IS NOT NULL THEN
    starts := greatest(at, clock_timestamp() + debounce_ms * interval '1 ms');
    INSERT INTO run_key AS k (organization_id, workflow_id, kind, key, run_id, since, expires_at)
    VALUES ($1, $3, 'debounce', debounce_key, $2, clock_timestamp(), starts + interval '1 day')
    ON CONFLICT (organization_id, workflow_id, kind, key) DO UPDATE SET expires_at = excluded.expires_at RETURNING k.run_id, k.since INTO before, first;
    IF before <> $2 THEN
      starts := least(greatest(at, clock_timestamp() + debounce_ms * interval '1 ms'), first + debounce_max_ms * interval '1 ms');
      UPDATE run_queue q SET wake_at = starts, priority = $8,
             gates = CASE WHEN q.gates[cardinality(q.gates)] LIKE 'project:%' THEN coalesce($10, '{}') || q.gates[cardinality(q.gates)] ELSE $10 END
       WHERE q.organization_id = $1 AND q.run_id = before AND q.state = 3 AND q.fence = 0
         AND NOT EXISTS (SELECT FROM run_inbox i WHERE i.organization_id = $1 AND i.run_id = before);
      IF FOUND THEN
        UPDATE run r SET input = $7, version_id = $4, priority = $8 WHERE r.organization_id = $1 AND r.id = before;
        RETURN QUERY SELECT before, 'debounced';
        RETURN;
      END IF;
      starts := greatest(at, clock_timestamp() + debounce_ms * interval '1 ms');
      UPDATE run_key k SET run_id = $2, since = clock_timestamp() WHERE k.organization_id = $1 AND k.workflow_id = $3 AND k.kind = 'debounce' AND k.key = debounce_key;
    END IF;
  END IF;
  PERFORM enqueue_run($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL, starts, $10);
  RETURN QUERY SELECT $2, 'started';
END $$;

-- The limit of a project, for what is queued already too; null takes it off. Rows that are changing hands right now are left out: they end or sleep.
CREATE FUNCTION limit_project(organization uuid, project uuid, places int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE gate text := 'project:' || $2; BEGIN
  IF $1 IS DISTINCT FROM current_organization() THEN RAISE EXCEPTION 'not of this organization' USING ERRCODE = 'insufficient_privilege'; END IF;
  PERFORM rq_lock(ARRAY[$1]);
  UPDATE project p SET concurrency = places WHERE p.organization_id = $1 AND p.id = $2;
  INSERT INTO queue_gate (organization_id, name, cap, next_at) VALUES ($1, gate, places, clock_timestamp())
  ON CONFLICT (organization_id, name) DO UPDATE SET cap = excluded.cap, next_at = excluded.next_at;
  IF places IS NULL THEN RETURN; END IF;
  WITH x AS MATERIALIZED (
    SELECT q.id, q.state FROM run_queue q JOIN run r ON r.organization_id = q.organization_id AND r.id = q.run_id
      JOIN workflow w ON w.organization_id = r.organization_id AND w.id = r.workflow_id
     WHERE q.organization_id = $1 AND w.project_id = $2 AND NOT coalesce(q.gates @> ARRAY[gate], false) FOR UPDATE OF q SKIP LOCKED),
  u AS (UPDATE run_queue q SET gates = coalesce(q.gates, '{}') || gate, state = CASE q.state WHEN 0 THEN 2 ELSE q.state END,
               held_by = CASE q.state WHEN 0 THEN gate ELSE q.held_by END FROM x WHERE q.id = x.id)
  UPDATE queue_gate g SET running = g.running + (SELECT count(*) FROM x WHERE x.state IN (1, 4)) WHERE g.organization_id = $1 AND g.name = gate;
END $$;
REVOKE EXECUTE ON FUNCTION limit_project, submit_run, enqueue_run FROM PUBLIC;
GRANT EXECUTE ON FUNCTION limit_project TO heddle_app;
GRANT EXECUTE ON FUNCTION submit_run, enqueue_run TO heddle_app, heddle_engine;

-- A tenant that becomes active begins at the virtual time of now. Of what it had ahead, it keeps no more than 16 starts: times of other days would starve it,
-- or whoever comes after it. So nobody has to know the latest time of all tenants, and only the active ones are read.
CREATE OR REPLACE FUNCTION rq_activate(ts uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH l AS (SELECT organization_id FROM queue_tenant WHERE organization_id = ANY(ts) AND NOT active ORDER BY organization_id FOR NO KEY UPDATE)
  UPDATE queue_tenant t SET active = true, vt = least(greatest(t.vt, s.v), s.v + 16 / t.weight)
  FROM l, (SELECT coalesce((SELECT min(vt) FROM queue_tenant WHERE active AND running < cap), (SELECT min(vt) FROM queue_tenant WHERE active)) v) s
  WHERE t.organization_id = l.organization_id $$;

-- As before; leases that end also give their places back, and what arrived at the gates of the tenants notified is let through. The last `spare` of the n places
-- are for tenants with fewer than `spare` runs running: starts are shared fairly, time is not, and somebody's hour-long runs must not fill a worker.
DROP FUNCTION rq_cycle(int, int, bigint[], int[], uuid[]);
CREATE FUNCTION rq_cycle(w int, n int, done bigint[], fences int[], act uuid[], spare int DEFAULT 0)
RETURNS TABLE (id bigint, organization_id uuid, run_id uuid, fence int, workflow_id uuid, version_id uuid, trigger text, input text, queued_ms float8, status run_status,
               parent_run_id uuid, retry_from text, has_mail bool)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE dt uuid[]; dk int[]; ct uuid[]; go uuid[]; gn text[];
BEGIN
  IF cardinality(done) > 0 THEN
    WITH d AS (DELETE FROM run_queue q USING unnest(done, fences) f(i, f)
               WHERE q.id = f.i AND q.fence = f.f AND q.worker_id = w RETURNING q.organization_id, q.run_id, q.gates),
         m AS (DELETE FROM run_inbox i USING d WHERE i.organization_id = d.organization_id AND i.run_id = d.run_id), -- mail that came too late
         c AS (SELECT organization_id t, count(*)::int k FROM d GROUP BY 1),
         l AS (SELECT array_agg(d.organization_id) o, array_agg(split_part(g, '=', 1)) n FROM d CROSS JOIN LATERAL unnest(d.gates) g WHERE d.gates IS NOT NULL)
    SELECT x.t, x.k, l.o, l.n INTO dt, dk, go, gn FROM (SELECT array_agg(t) t, array_agg(k) k FROM c) x, l;
  END IF;
  IF cardinality(act) > 0 THEN
    INSERT INTO queue_tenant (organization_id) SELECT DISTINCT a FROM unnest(act) a ORDER BY a ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(dt) > 0 OR cardinality(act) > 0 THEN -- one ordered lock set, so workers cannot deadlock
    PERFORM 1 FROM queue_tenant q WHERE q.organization_id = ANY(coalesce(dt, '{}') || act) ORDER BY q.organization_id FOR NO KEY UPDATE;
    UPDATE queue_tenant q SET running = q.running - x.k FROM unnest(dt, dk) x(t, k) WHERE q.organization_id = x.t;
  END IF;
  IF go IS NOT NULL AND rq_give_back(go, gn) > n THEN PERFORM pg_notify('heddle_queue', dt[1]::text); END IF; -- more than this worker takes
  IF cardinality(act) > 0 THEN
    PERFORM rq_activate(act);
    IF EXISTS (SELECT FROM run_queue q WHERE q.organization_id = ANY(act) AND q.state = 2 AND q.held_by IS NULL) THEN PERFORM rq_admit(act); END IF;
  END IF;
  IF n <= 0 THEN RETURN; END IF;
  SELECT array_agg(x.organization_id) INTO ct FROM (SELECT t.organization_id FROM queue_tenant t
     WHERE t.active AND t.running < t.cap AND (n > spare OR t.running < spare) ORDER BY t.vt LIMIT n FOR NO KEY UPDATE SKIP LOCKED) x;
  IF ct IS NULL THEN RETURN; END IF;
  RETURN QUERY
  WITH c AS MATERIALIZED (SELECT t.organization_id, t.vt, t.weight, t.cap - t.running room, spare - t.running few, count(*) OVER () cn, sum(t.weight) OVER () sw
                          FROM queue_tenant t WHERE t.organization_id = ANY(ct)),
  p0 AS MATERIALIZED (SELECT c.organization_id, x.id, c.vt + x.rn / c.weight tag, x.rn <= c.few few FROM c CROSS JOIN LATERAL (
        SELECT y.id, row_number() OVER (ORDER BY y.priority DESC, y.id) rn FROM (
          SELECT r.id, r.priority FROM run_queue r WHERE r.organization_id = c.organization_id AND r.state = 0 ORDER BY r.priority DESC, r.id
          LIMIT least(c.room, CASE WHEN c.cn = 1 THEN n ELSE ceil(2 * n * c.weight / c.sw)::int + 1 END)) y) x),
  p AS MATERIALIZED (SELECT o.id FROM (SELECT p0.id, p0.few, row_number() OVER (ORDER BY p0.tag) pos FROM p0) o WHERE o.pos <= n - spare OR o.few ORDER BY o.pos LIMIT n),
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

-- Ends a lease and lets the run sleep until its next timer, or (null) until mail. Its places go to others.
CREATE OR REPLACE FUNCTION rq_park(w int, ids bigint[], fences int[], wakes float8[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE dt uuid[]; dk int[]; go uuid[]; gn text[]; BEGIN
  WITH d AS (UPDATE run_queue q SET state = 3, worker_id = NULL, wake_at = to_timestamp(f.at / 1000) FROM unnest(ids, fences, wakes) f(i, f, at)
             WHERE q.id = f.i AND q.fence = f.f AND q.worker_id = w RETURNING q.organization_id, q.gates),
       c AS (SELECT organization_id t, count(*)::int k FROM d GROUP BY 1),
       l AS (SELECT array_agg(d.organization_id) o, array_agg(split_part(g, '=', 1)) n FROM d CROSS JOIN LATERAL unnest(d.gates) g WHERE d.gates IS NOT NULL)
  SELECT x.t, x.k, l.o, l.n INTO dt, dk, go, gn FROM (SELECT array_agg(t) t, array_agg(k) k FROM c) x, l;
  IF dt IS NULL THEN RETURN; END IF;
  PERFORM 1 FROM queue_tenant q WHERE q.organization_id = ANY(dt) ORDER BY q.organization_id FOR NO KEY UPDATE;
  UPDATE queue_tenant q SET running = q.running - x.k FROM unnest(dt, dk) x(t, k) WHERE q.organization_id = x.t;
  IF go IS NOT NULL AND rq_give_back(go, gn) > 0 THEN PERFORM pg_notify('heddle_queue', dt[1]::text); END IF;
END $$;

-- Wakes runs whose time has come, and lines of gates that go on by the clock.
CREATE OR REPLACE FUNCTION rq_wake(lim int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; gs uuid[]; ds uuid[]; os uuid[]; ns text[]; k int; BEGIN
  WITH u AS (UPDATE run_queue q SET state = CASE WHEN q.gates IS NULL THEN 0 ELSE 2 END, wake_at = NULL WHERE q.id = ANY(ARRAY(SELECT id FROM run_queue
       WHERE state = 3 AND wake_at <= now() ORDER BY wake_at LIMIT lim FOR UPDATE SKIP LOCKED)) RETURNING organization_id, gates)
  SELECT array_agg(DISTINCT organization_id), array_agg(DISTINCT organization_id) FILTER (WHERE gates IS NOT NULL), count(*) INTO ts, gs, k FROM u;
  SELECT array_agg(DISTINCT organization_id) INTO ds FROM queue_gate WHERE next_at <= clock_timestamp();
  IF gs IS NULL AND ds IS NULL THEN
    IF k > 0 THEN PERFORM rq_enter(ts); END IF;
    RETURN k;
  END IF;
  PERFORM rq_lock(coalesce(ts, '{}') || coalesce(ds, '{}'));
  IF ts IS NOT NULL THEN PERFORM rq_activate(ts); END IF;
  IF gs IS NOT NULL THEN PERFORM rq_admit(gs); END IF;
  IF ds IS NOT NULL THEN
    SELECT array_agg(organization_id), array_agg(name) INTO os, ns FROM queue_gate WHERE next_at <= clock_timestamp() AND organization_id = ANY(ds);
    IF os IS NOT NULL THEN k := k + rq_let_through(os, ns); END IF;
  END IF;
  IF k > 0 THEN PERFORM pg_notify('heddle_queue', coalesce(ds[1], ts[1])::text); END IF; -- this worker may be full
  RETURN k;
END $$;

-- Runs that sleep and have mail: wake them. Whoever is to be cancelled or paused does not wait in a line for it: such a run is ready at once, over the caps.
CREATE OR REPLACE FUNCTION rq_wake_for_inbox() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; gs uuid[]; fs uuid[]; ids bigint[]; BEGIN
  WITH u AS (UPDATE run_queue q SET state = CASE WHEN q.gates IS NULL THEN 0 ELSE 2 END, wake_at = NULL WHERE q.id = ANY(ARRAY(
       SELECT q0.id FROM run_inbox i JOIN run_queue q0 ON q0.organization_id = i.organization_id AND q0.run_id = i.run_id AND q0.state = 3
        LIMIT 1000 FOR UPDATE OF q0 SKIP LOCKED))
       RETURNING organization_id, gates)
  SELECT array_agg(DISTINCT organization_id), array_agg(DISTINCT organization_id) FILTER (WHERE gates IS NOT NULL) INTO ts, gs FROM u;
  SELECT array_agg(DISTINCT q.organization_id) INTO fs FROM run_inbox i JOIN run_queue q ON q.organization_id = i.organization_id AND q.run_id = i.run_id AND q.state = 2
   WHERE i.kind IN ('cancel', 'pause');
  IF gs IS NULL AND fs IS NULL THEN
    IF ts IS NOT NULL THEN PERFORM rq_enter(ts); END IF;
    RETURN coalesce(cardinality(ts), 0);
  END IF;
  PERFORM rq_lock(coalesce(ts, '{}') || coalesce(fs, '{}'));
  PERFORM rq_activate(coalesce(ts, '{}') || coalesce(fs, '{}'));
  IF fs IS NOT NULL THEN
    SELECT array_agg(DISTINCT q.id) INTO ids FROM run_inbox i JOIN run_queue q ON q.organization_id = i.organization_id AND q.run_id = i.run_id AND q.state = 2
     WHERE i.kind IN ('cancel', 'pause') AND q.organization_id = ANY(fs);
    IF ids IS NOT NULL THEN
      PERFORM rq_know_gates(ids);
      UPDATE queue_gate g SET running = g.running + x.k FROM (
        SELECT q.organization_id o, n, count(*)::int k FROM run_queue q CROSS JOIN LATERAL unnest(rq_places(q.gates, 0, NULL)) n
         WHERE q.id = ANY(ids) AND NOT n = ANY(rq_places(q.gates, 2, q.held_by)) GROUP BY 1, 2) x
       WHERE g.organization_id = x.o AND g.name = x.n;
      UPDATE run_queue q SET state = 0, held_by = NULL, gates = nullif(ARRAY(SELECT g FROM unnest(q.gates) WITH ORDINALITY x(g, i) WHERE g NOT LIKE 'rate:%' ORDER BY i), '{}')
       WHERE q.id = ANY(ids);
    END IF;
  END IF;
  IF gs IS NOT NULL THEN PERFORM rq_admit(gs); END IF;
  RETURN coalesce(cardinality(ts), 0) + coalesce(cardinality(ids), 0);
END $$;

-- Repairs missed notifications: skip scans over the tenants with ready runs, and over those with runs that arrived at gates.
CREATE OR REPLACE FUNCTION rq_discover() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; gs uuid[]; BEGIN
  WITH RECURSIVE d AS ((SELECT organization_id FROM run_queue WHERE state = 0 ORDER BY organization_id LIMIT 1)
    UNION ALL SELECT (SELECT r.organization_id FROM run_queue r WHERE r.state = 0 AND r.organization_id > d.organization_id ORDER BY r.organization_id LIMIT 1)
              FROM d WHERE d.organization_id IS NOT NULL)
  SELECT array_agg(d.organization_id) INTO ts FROM d LEFT JOIN queue_tenant t USING (organization_id)
   WHERE d.organization_id IS NOT NULL AND (t.active IS NULL OR NOT t.active);
  WITH RECURSIVE d AS ((SELECT organization_id FROM run_queue WHERE state = 2 AND held_by IS NULL ORDER BY organization_id LIMIT 1)
    UNION ALL SELECT (SELECT r.organization_id FROM run_queue r WHERE r.state = 2 AND r.held_by IS NULL AND r.organization_id > d.organization_id ORDER BY r.organization_id LIMIT 1)
              FROM d WHERE d.organization_id IS NOT NULL)
  SELECT array_agg(d.organization_id) INTO gs FROM d WHERE d.organization_id IS NOT NULL;
  IF gs IS NOT NULL THEN
    PERFORM rq_lock(coalesce(ts, '{}') || gs);
    IF ts IS NOT NULL THEN PERFORM rq_activate(ts); END IF;
    RETURN coalesce(cardinality(ts), 0) + rq_admit(gs);
  END IF;
  IF ts IS NULL THEN RETURN 0; END IF;
  PERFORM rq_enter(ts);
  RETURN cardinality(ts);
END $$;

-- Puts right what should never be wrong about gates: counts, lines that stand still though there is room, gates and keys that nobody needs. Returns how many.
CREATE FUNCTION rq_reconcile_gates() RETURNS int LANGUAGE plpgsql AS $$
DECLARE ts uuid[]; os uuid[]; ns text[]; k int := 0; BEGIN
  DELETE FROM run_key WHERE ctid = ANY(ARRAY(SELECT ctid FROM run_key WHERE expires_at < now() LIMIT 10000));
  IF NOT EXISTS (SELECT FROM queue_gate) THEN RETURN 0; END IF;
  WITH p AS (SELECT q.organization_id, n, count(*)::int c FROM run_queue q CROSS JOIN LATERAL unnest(rq_places(q.gates, q.state, q.held_by)) n
              WHERE q.gates IS NOT NULL AND q.state <> 3 GROUP BY 1, 2)
  SELECT array_agg(DISTINCT g.organization_id) INTO ts FROM queue_gate g LEFT JOIN p ON p.organization_id = g.organization_id AND p.n = g.name
   WHERE g.running <> coalesce(p.c, 0)
      OR g.next_at IS NULL AND (g.rate IS NOT NULL OR g.running < coalesce(g.cap, 1000000))
         AND EXISTS (SELECT FROM run_queue q WHERE q.organization_id = g.organization_id AND q.state = 2 AND q.held_by = g.name)
      OR g.running = 0 AND g.next_at IS NULL AND NOT (g.name LIKE 'project:%' AND g.cap IS NOT NULL)
         AND coalesce(g.starts_at[cardinality(g.starts_at)] < now() - g.rate_ms * interval '1 ms', true);
  IF ts IS NULL THEN RETURN 0; END IF;
  PERFORM rq_lock(ts);
  -- places change under the lock of their tenant's row: what these statements see is what is
  UPDATE queue_gate g SET running = x.c FROM (
    SELECT a.organization_id, a.name, coalesce(p.c, 0) c FROM queue_gate a LEFT JOIN (
      SELECT q.organization_id, n, count(*)::int c FROM run_queue q CROSS JOIN LATERAL unnest(rq_places(q.gates, q.state, q.held_by)) n
       WHERE q.gates IS NOT NULL AND q.state <> 3 AND q.organization_id = ANY(ts) GROUP BY 1, 2) p ON p.organization_id = a.organization_id AND p.n = a.name
     WHERE a.organization_id = ANY(ts)) x
   WHERE g.organization_id = x.organization_id AND g.name = x.name AND g.running <> x.c;
  GET DIAGNOSTICS k = ROW_COUNT;
  SELECT array_agg(g.organization_id), array_agg(g.name) INTO os, ns FROM queue_gate g WHERE g.organization_id = ANY(ts)
     AND EXISTS (SELECT FROM run_queue q WHERE q.organization_id = g.organization_id AND q.state = 2 AND q.held_by = g.name);
  IF os IS NOT NULL THEN k := k + rq_let_through(os, ns); END IF;
  DELETE FROM queue_gate g WHERE g.organization_id = ANY(ts) AND g.running = 0 AND g.next_at IS NULL AND NOT (g.name LIKE 'project:%' AND g.cap IS NOT NULL)
     AND coalesce(g.starts_at[cardinality(g.starts_at)] < now() - g.rate_ms * interval '1 ms', true)
     AND (g.organization_id, g.name) NOT IN (SELECT q.organization_id, split_part(x, '=', 1) FROM run_queue q CROSS JOIN LATERAL unnest(q.gates) x
                                              WHERE q.state = 2 AND q.gates IS NOT NULL AND q.organization_id = ANY(ts));
  RETURN k;
END $$;

DO $$ DECLARE f text; BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'rq\_%' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO heddle_engine', f);
  END LOOP;
END $$;
