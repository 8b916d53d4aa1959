-- The event bus: what happened in an organization, stored before anything is started by it.
-- data and outcome are JSON as text: jsonb refuses \u0000. Types are compared by their bytes, so that those with a prefix lie side by side.
CREATE TABLE "event" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT,
    "data" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "source" TEXT NOT NULL,
    "published_by" TEXT,
    "run_id" UUID,
    "depth" SMALLINT NOT NULL DEFAULT 0,
    "cause" UUID[] DEFAULT ARRAY[]::UUID[],
    "replay_of" UUID,
    "only_workflow_id" UUID,
    "dispatched_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "event_pkey" PRIMARY KEY ("organization_id","id")
);
CREATE INDEX "event_organization_id_type_id_idx" ON "event"("organization_id", "type", "id");
CREATE INDEX "event_undispatched" ON "event"("organization_id", "id") WHERE "dispatched_at" IS NULL;
CREATE INDEX "event_subject" ON "event"("organization_id", "subject", "id") WHERE "subject" IS NOT NULL;
CREATE INDEX "event_replays" ON "event"("organization_id", "replay_of") WHERE "replay_of" IS NOT NULL;

-- Steps that wait for an event. An answered one stays until its run has ended, so that a step that asks again after a crash is not answered twice.
CREATE TABLE "event_wait" (
    "organization_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "pattern" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "filter" TEXT,
    "key_field" TEXT NOT NULL DEFAULT '',
    "key_value" TEXT NOT NULL DEFAULT '',
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "answered_at" TIMESTAMPTZ(3),
    "event_id" UUID,

    CONSTRAINT "event_wait_pkey" PRIMARY KEY ("organization_id","run_id","path")
);
CREATE INDEX "event_wait_open" ON "event_wait"("organization_id", "prefix", "pattern", "key_field", "key_value") WHERE "answered_at" IS NULL;

-- Which of Heddle's own events (run.failed …) somebody wants: a row for each reason, `trigger:ID`, `wait:RUN/PATH`, `keep`, later `subscription:ID`.
CREATE TABLE "event_interest" (
    "organization_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,

    CONSTRAINT "event_interest_pkey" PRIMARY KEY ("organization_id","type","source")
);
CREATE INDEX "event_interest_organization_id_source_idx" ON "event_interest"("organization_id", "source");

-- `generation` counts changes of the organization's event triggers: whoever keeps them in memory compares it in the transaction that uses them.
CREATE TABLE "event_bus" (
    "organization_id" UUID NOT NULL,
    "generation" BIGINT NOT NULL DEFAULT 1,

    CONSTRAINT "event_bus_pkey" PRIMARY KEY ("organization_id")
);

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['event','event_wait','event_interest','event_bus'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON event TO heddle_app, heddle_engine;
GRANT UPDATE (dispatched_at, outcome) ON event TO heddle_app;
GRANT DELETE ON event TO heddle_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON event_wait, event_interest, event_bus TO heddle_app;
GRANT SELECT, INSERT, DELETE ON event_wait, event_interest TO heddle_engine;

-- Heddle's own events; core/workflow/event-pattern.ts has the same list.
CREATE FUNCTION event_lifecycle_types() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT ARRAY['run.succeeded','run.failed','run.cancelled','run.waiting','run.dead_lettered','step.failed',
                  'approval.requested','approval.decided','approval.expired','circuit.opened','circuit.closed'] $$;

-- `*` is one part of a type, `**` any number of them; as matchesEvent in core/workflow/event-pattern.ts.
CREATE FUNCTION event_matches(pattern text, type text) RETURNS bool LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (type || '.') ~ ('^' || string_agg(CASE p WHEN '**' THEN '([^.]+\.)*' WHEN '*' THEN '[^.]+\.' ELSE p || '\.' END, '' ORDER BY n) || '$')
    FROM unnest(string_to_array(pattern, '.')) WITH ORDINALITY x(p, n) WHERE p ~ '^([a-z0-9_-]+|\*{1,2})$' $$;

-- Keeps event_bus and event_interest in step with the table of triggers, whoever changes it.
CREATE FUNCTION event_trigger_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.type = 'event' THEN
    DELETE FROM event_interest WHERE organization_id = OLD.organization_id AND source = 'trigger:' || OLD.id;
    UPDATE event_bus SET generation = generation + 1 WHERE organization_id = OLD.organization_id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.type = 'event' THEN
    INSERT INTO event_interest (organization_id, type, source)
    SELECT NEW.organization_id, t, 'trigger:' || NEW.id FROM unnest(event_lifecycle_types()) t WHERE event_matches(NEW.settings->>'pattern', t)
    ON CONFLICT DO NOTHING;
    INSERT INTO event_bus (organization_id) VALUES (NEW.organization_id) ON CONFLICT (organization_id) DO UPDATE SET generation = event_bus.generation + 1;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER event_trigger_changed AFTER INSERT OR DELETE OR UPDATE OF type, settings, workflow_id ON trigger
  FOR EACH ROW EXECUTE FUNCTION event_trigger_changed();
INSERT INTO event_bus (organization_id) SELECT DISTINCT organization_id FROM trigger WHERE type = 'event';
INSERT INTO event_interest (organization_id, type, source)
SELECT g.organization_id, t, 'trigger:' || g.id FROM trigger g CROSS JOIN unnest(event_lifecycle_types()) t
 WHERE g.type = 'event' AND event_matches(g.settings->>'pattern', t);

-- Whether anybody in the organization wants Heddle's own events of this type. One look into an index: the engine asks at each end of a run.
CREATE FUNCTION event_wanted(organization uuid, type text) RETURNS bool LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT EXISTS (SELECT FROM event_interest i WHERE i.organization_id = $1 AND i.type = $2) $$;

-- A UUIDv7 by the database's clock, with the microseconds behind the milliseconds: events of one process keep their order.
CREATE FUNCTION event_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(substring(int8send(floor(x.ms)::bigint) FROM 3) || substring(int4send(28672 + floor((x.ms - floor(x.ms)) * 4096)::int) FROM 3)
                || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid
    FROM (SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms) x $$;

-- Stores an event that Heddle itself publishes, in the transaction of what it tells of; a dispatcher takes it from there. `run` is the run it tells of:
-- how deep it lies in a chain of events and runs, and the workflows of that chain, are noted, so that no chain goes on for ever.
CREATE FUNCTION event_publish(organization uuid, type text, subject text, data text, run uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE event uuid := event_id(); at uuid := $5; r record; e record; chain uuid[] := '{}'; deep int := 0;
BEGIN
  FOR i IN 1..20 LOOP
    EXIT WHEN at IS NULL;
    SELECT x.workflow_id, x.started_by, coalesce(x.caller_run_id, x.parent_run_id) AS up INTO r FROM run x WHERE x.organization_id = $1 AND x.id = at;
    EXIT WHEN NOT FOUND;
    IF NOT r.workflow_id = ANY (chain) THEN chain := r.workflow_id || chain; END IF;
    IF r.started_by LIKE 'event:%' THEN
      SELECT x.depth, x.cause INTO e FROM event x WHERE x.organization_id = $1 AND x.id = substr(r.started_by, 7)::uuid;
      IF FOUND THEN
        deep := e.depth;
        chain := e.cause || chain;
      END IF;
      EXIT;
    END IF;
    at := r.up;
  END LOOP;
  INSERT INTO event (organization_id, id, type, subject, data, source, run_id, depth, cause)
  VALUES ($1, event, $2, $3, $4, CASE WHEN $5 IS NULL THEN 'system' ELSE 'run' END, $5, CASE WHEN $5 IS NULL THEN 0 ELSE least(deep + 1, 1000) END, chain[1:50]);
  PERFORM pg_notify('heddle_event', $1::text);
  RETURN event;
END $$;

-- What publishing needs to know of an organization, in one look: the generation of its triggers, the time, and the kinds of open waits that an event with
-- these prefixes may answer (`a.b.c` has '', a, a.b and a.b.c), by a skip scan: many waits of one kind cost no more than one.
-- The lock keeps apart publishing and a wait that begins in the past (event_settle): either sees what the other one wrote.
CREATE FUNCTION event_look(organization uuid, prefixes text[]) RETURNS TABLE (generation bigint, at timestamptz, waits text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7702, hashtext($1::text));
  RETURN QUERY
  WITH RECURSIVE g AS (
    SELECT f.* FROM unnest($2) p CROSS JOIN LATERAL (SELECT w.prefix, w.pattern, w.key_field FROM event_wait w
      WHERE w.organization_id = $1 AND w.prefix = p AND w.answered_at IS NULL ORDER BY w.pattern, w.key_field LIMIT 1) f
    UNION ALL
    SELECT f.* FROM g CROSS JOIN LATERAL (SELECT w.prefix, w.pattern, w.key_field FROM event_wait w
      WHERE w.organization_id = $1 AND w.prefix = g.prefix AND w.answered_at IS NULL AND (w.pattern, w.key_field) > (g.pattern, g.key_field)
      ORDER BY w.pattern, w.key_field LIMIT 1) f)
  SELECT (SELECT b.generation FROM event_bus b WHERE b.organization_id = $1), clock_timestamp(),
         (SELECT json_agg(json_build_object('prefix', g.prefix, 'pattern', g.pattern, 'keyField', g.key_field))::text FROM g);
END $$;
CREATE FUNCTION event_settle(organization uuid) RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(7702, hashtext($1::text)) $$;

-- A step waits for an event. Asking again changes nothing. Returns whether it waits still: not once it was answered.
CREATE FUNCTION event_expect(organization uuid, run uuid, path text, pattern text, filter text, key_field text, key_value text, since timestamptz) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO event_wait (organization_id, run_id, path, pattern, prefix, filter, key_field, key_value, since)
  VALUES ($1, $2, $3, $4, rtrim(substring($4 FROM '^[^*]*'), '.'), $5, $6, $7, least($8, date_trunc('milliseconds', clock_timestamp()))) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN EXISTS (SELECT FROM event_wait w WHERE w.organization_id = $1 AND w.run_id = $2 AND w.path = $3 AND w.answered_at IS NULL);
  END IF;
  INSERT INTO event_interest (organization_id, type, source)
  SELECT $1, t, 'wait:' || $2 || '/' || $3 FROM unnest(event_lifecycle_types()) t WHERE event_matches($4, t) ON CONFLICT DO NOTHING;
  RETURN true;
END $$;
CREATE FUNCTION event_wait_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM event_interest WHERE organization_id = OLD.organization_id AND source = 'wait:' || OLD.run_id || '/' || OLD.path;
  RETURN NULL;
END $$;
CREATE TRIGGER event_wait_ended AFTER DELETE OR UPDATE OF answered_at ON event_wait FOR EACH ROW EXECUTE FUNCTION event_wait_ended();

-- Forgets the waits of runs that have left the queue. Returns how many.
CREATE FUNCTION event_sweep_waits() RETURNS int LANGUAGE plpgsql AS $$
DECLARE k int; BEGIN
  DELETE FROM event_wait w WHERE w.created_at < now() - interval '10 min'
     AND NOT EXISTS (SELECT FROM run_queue q WHERE q.organization_id = w.organization_id AND q.run_id = w.run_id);
  GET DIAGNOSTICS k = ROW_COUNT;
  RETURN k;
END $$;

-- The organizations with events that nobody has dispatched yet: a skip scan over the partial index.
CREATE FUNCTION event_backlog() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH RECURSIVE d AS ((SELECT organization_id FROM event WHERE dispatched_at IS NULL ORDER BY organization_id LIMIT 1)
    UNION ALL SELECT (SELECT e.organization_id FROM event e WHERE e.dispatched_at IS NULL AND e.organization_id > d.organization_id ORDER BY e.organization_id LIMIT 1)
              FROM d WHERE d.organization_id IS NOT NULL)
  SELECT organization_id FROM d WHERE organization_id IS NOT NULL $$;

REVOKE EXECUTE ON FUNCTION event_trigger_changed, event_wait_ended, event_wanted, event_id, event_publish, event_look, event_settle, event_expect, event_sweep_waits,
  event_backlog FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_wanted, event_id, event_publish TO heddle_app, heddle_engine;
GRANT EXECUTE ON FUNCTION event_look, event_settle TO heddle_app;
GRANT EXECUTE ON FUNCTION event_expect, event_sweep_waits, event_backlog TO heddle_engine;
