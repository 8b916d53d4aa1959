-- Circuit breakers: one per organization and target, shared by all workers. Counts are of the last 30 s in ten buckets of 3 s; bucket 1 is the newest.
CREATE TABLE "circuit" (
    "organization_id" UUID NOT NULL,
    "target" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'closed',
    "calls" INTEGER[] NOT NULL DEFAULT '{0,0,0,0,0,0,0,0,0,0}',
    "failures" INTEGER[] NOT NULL DEFAULT '{0,0,0,0,0,0,0,0,0,0}',
    "bucket" BIGINT NOT NULL DEFAULT 0,
    "opens" INTEGER NOT NULL DEFAULT 0,
    "tripped" BOOLEAN NOT NULL DEFAULT false,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until" TIMESTAMPTZ(3),
    "probe" INTEGER NOT NULL DEFAULT 0,
    "failed_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "circuit_pkey" PRIMARY KEY ("organization_id","target")
);
ALTER TABLE circuit SET (fillfactor = 50);
CREATE INDEX circuit_not_closed ON circuit (organization_id, target) WHERE state <> 'closed';

ALTER TABLE circuit ENABLE ROW LEVEL SECURITY;
ALTER TABLE circuit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON circuit TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization());
CREATE POLICY engine ON circuit TO heddle_engine USING (true) WITH CHECK (true);
DO $$ BEGIN
  EXECUTE format('CREATE POLICY owner ON circuit TO %I USING (true) WITH CHECK (true)', current_user);
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON circuit TO heddle_app, heddle_engine;

-- Says to all processes what a breaker has become: its state, and the ms until it is tried again.
CREATE FUNCTION circuit_tell(c circuit) RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('heddle_circuit', json_build_array(c.organization_id, c.target, c.state,
    coalesce(greatest(0, ceil(extract(epoch FROM c.until - clock_timestamp()) * 1000)), 0), c.last_error)::text) $$;

-- The event of it on the organization's bus, when somebody wants it.
CREATE FUNCTION circuit_publish(c circuit, type text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF event_wanted(c.organization_id, type) THEN
    PERFORM event_publish(c.organization_id, type, c.target, json_build_object('target', c.target, 'state', c.state, 'since', c.since, 'until', c.until,
                                                                               'byHand', c.tripped, 'error', c.last_error::json)::text, NULL);
  END IF;
END $$;

-- Opens a breaker for `seconds`; 0: by the policy, 30 s and twice as long each time it fails again, 5 min at most, a tenth more or less.
CREATE FUNCTION circuit_open(org uuid, tgt text, seconds int) RETURNS circuit LANGUAGE plpgsql AS $$
DECLARE c circuit; was text; BEGIN
  SELECT state INTO was FROM circuit WHERE organization_id = org AND target = tgt;
  UPDATE circuit SET state = 'open', since = CASE WHEN state = 'closed' THEN clock_timestamp() ELSE since END,
         -- a breaker that stayed closed for 5 min begins anew
         opens = CASE WHEN state <> 'closed' OR since > clock_timestamp() - interval '5 min' THEN opens + 1 ELSE 1 END, tripped = seconds > 0
   WHERE organization_id = org AND target = tgt RETURNING * INTO c;
  UPDATE circuit SET until = clock_timestamp() + CASE WHEN seconds > 0 THEN seconds * interval '1 s'
           ELSE least(30 * 2 ^ least(c.opens - 1, 10), 300) * (0.9 + 0.2 * random()) * interval '1 s' END
   WHERE organization_id = org AND target = tgt RETURNING * INTO c;
  PERFORM circuit_tell(c);
  IF was = 'closed' THEN PERFORM circuit_publish(c, 'circuit.opened'); END IF;
  RETURN c;
END $$;

-- Closes a breaker and forgets what was counted.
CREATE FUNCTION circuit_close(org uuid, tgt text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE c circuit; was text; BEGIN
  SELECT state INTO was FROM circuit WHERE organization_id = org AND target = tgt;
  UPDATE circuit SET state = 'closed', calls = array_fill(0, '{10}'), failures = array_fill(0, '{10}'), since = clock_timestamp(), until = NULL, tripped = false
   WHERE organization_id = org AND target = tgt RETURNING * INTO c;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM circuit_tell(c);
  IF was <> 'closed' THEN PERFORM circuit_publish(c, 'circuit.closed'); END IF;
END $$;

-- What a process counted since it last told, by target and age (in buckets of 3 s). Answers what each breaker is now. The policy: of at least 10 calls
-- within 30 s at least half failed.
CREATE FUNCTION circuit_report(orgs uuid[], targets text[], ages int[], called int[], failed int[], errors text[])
RETURNS TABLE (organization_id uuid, target text, state text, remaining float8, last_error text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE g record; c circuit; here bigint := floor(extract(epoch FROM clock_timestamp()) / 3); gap int; fresh bool; BEGIN
  -- in the order of the keys, so that processes cannot deadlock
  FOR g IN SELECT x.o, x.t, array_agg(x.a) a, array_agg(x.c) c, array_agg(x.f) f, sum(x.f) AS failures, max(x.e) e
             FROM unnest(orgs, targets, ages, called, failed, errors) x(o, t, a, c, f, e) GROUP BY x.o, x.t ORDER BY x.o, x.t LOOP
    INSERT INTO circuit (organization_id, target) VALUES (g.o, g.t) ON CONFLICT DO NOTHING;
    SELECT * INTO c FROM circuit k WHERE k.organization_id = g.o AND k.target = g.t FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    IF c.state = 'closed' THEN -- calls that end after it opened say nothing new
      gap := least(here - c.bucket, 10);
      IF gap > 0 THEN
        c.calls := (array_fill(0, ARRAY[gap]) || c.calls)[1:10];
        c.failures := (array_fill(0, ARRAY[gap]) || c.failures)[1:10];
        c.bucket := here;
      END IF;
      fresh := g.failures > 0 AND NOT EXISTS (SELECT FROM unnest(c.failures) n WHERE n > 0);
      FOR i IN 1..cardinality(g.a) LOOP
        CONTINUE WHEN g.a[i] NOT BETWEEN 0 AND 9;
        c.calls[g.a[i] + 1] := c.calls[g.a[i] + 1] + g.c[i];
        c.failures[g.a[i] + 1] := c.failures[g.a[i] + 1] + g.f[i];
      END LOOP;
      UPDATE circuit k SET calls = c.calls, failures = c.failures, bucket = c.bucket, last_error = coalesce(g.e, k.last_error),
             failed_at = CASE WHEN g.failures > 0 THEN clock_timestamp() ELSE k.failed_at END
       WHERE k.organization_id = g.o AND k.target = g.t RETURNING * INTO c;
      IF (SELECT sum(n) FROM unnest(c.calls) n) >= 10 AND (SELECT sum(n) FROM unnest(c.failures) n) * 2 >= (SELECT sum(n) FROM unnest(c.calls) n) THEN
        c := circuit_open(g.o, g.t, 0);
      ELSIF fresh THEN
        PERFORM circuit_tell(c); -- the others tell what they counted, successes too
      END IF;
    END IF;
    RETURN QUERY SELECT c.organization_id, c.target, c.state, greatest(0, ceil(extract(epoch FROM c.until - clock_timestamp()) * 1000))::float8, c.last_error;
  END LOOP;
END $$;

-- May one call try targets that were open? All of them or none: exactly one caller at a time gets the number of its probe, which it renews while it is under
-- way; a caller that died loses it after 15 s. Denied: the target that is in the way and the ms until it may be asked again.
CREATE FUNCTION circuit_probe(org uuid, tgts text[]) RETURNS TABLE (target text, probe int, denied bool, remaining float8) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c circuit; BEGIN
  FOR c IN SELECT * FROM circuit k WHERE k.organization_id = org AND k.target = ANY(tgts) AND k.state <> 'closed' ORDER BY k.target FOR UPDATE LOOP
    IF c.until > clock_timestamp() THEN
      RETURN QUERY SELECT c.target, 0, true, (ceil(extract(epoch FROM c.until - clock_timestamp()) * 1000))::float8;
      RETURN;
    END IF;
  END LOOP;
  RETURN QUERY UPDATE circuit k SET state = 'half_open', probe = k.probe + 1, until = clock_timestamp() + interval '15 s'
    WHERE k.organization_id = org AND k.target = ANY(tgts) AND k.state <> 'closed' AND k.until <= clock_timestamp() RETURNING k.target, k.probe, false, 0::float8;
END $$;

CREATE FUNCTION circuit_renew(org uuid, tgts text[], probes int[]) RETURNS void LANGUAGE sql AS $$
  UPDATE circuit k SET until = clock_timestamp() + interval '15 s' FROM unnest(tgts, probes) x(t, p)
   WHERE k.organization_id = org AND k.target = x.t AND k.probe = x.p AND k.state = 'half_open' $$;

-- How a probe ended: true closes the breaker, false opens it again, null (it says nothing of the target) lets the next call try.
CREATE FUNCTION circuit_settle(org uuid, tgts text[], probes int[], oks bool[], error text) RETURNS TABLE (target text, state text, remaining float8)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE x record; c circuit; BEGIN
  FOR x IN SELECT * FROM unnest(tgts, probes, oks) y(t, p, ok) ORDER BY y.t LOOP
    SELECT * INTO c FROM circuit k WHERE k.organization_id = org AND k.target = x.t AND k.probe = x.p AND k.state = 'half_open' FOR UPDATE;
    CONTINUE WHEN NOT FOUND;
    IF x.ok THEN
      PERFORM circuit_close(org, x.t);
    ELSIF NOT x.ok THEN
      UPDATE circuit k SET last_error = error, failed_at = clock_timestamp() WHERE k.organization_id = org AND k.target = x.t;
      PERFORM circuit_open(org, x.t, 0);
    ELSE
      UPDATE circuit k SET until = clock_timestamp() WHERE k.organization_id = org AND k.target = x.t;
    END IF;
    RETURN QUERY SELECT k.target, k.state, coalesce(greatest(0, ceil(extract(epoch FROM k.until - clock_timestamp()) * 1000)), 0)::float8
      FROM circuit k WHERE k.organization_id = org AND k.target = x.t;
  END LOOP;
END $$;

DO $$ DECLARE f text; BEGIN
  FOR f IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'circuit\_%' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO heddle_engine', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION circuit_tell, circuit_publish, circuit_open, circuit_close TO heddle_app;
