-- Runs and their logs are kept by week: a run's id is a UUIDv7, so ranges of ids are ranges of time, and old weeks are dropped whole instead of deleted row
-- by row. Partitions live in a schema of their own; nobody is granted anything there, access goes through the parents and their policies.
-- No table may have a foreign key to run or run_event: it would keep a week from being dropped.
DO $$ BEGIN
  IF to_regnamespace('partitions') IS NULL THEN CREATE SCHEMA partitions; END IF; -- an administrator may have made it for an owner who may not
END $$;

-- The first id of a moment, and the moment of an id.
CREATE FUNCTION hd_id_at(t timestamptz) RETURNS uuid LANGUAGE sql STABLE STRICT PARALLEL SAFE AS
  $$ SELECT rpad(lpad(to_hex(floor(extract(epoch FROM t) * 1000)::bigint), 12, '0'), 32, '0')::uuid $$;
CREATE FUNCTION hd_time_of(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
  $$ SELECT to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0) $$;

-- The columns of a table that can be written, for copies.
CREATE FUNCTION hd_columns(t regclass) RETURNS text LANGUAGE sql STABLE STRICT AS
  $$ SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_catalog.pg_attribute WHERE attrelid = t AND attnum > 0 AND NOT attisdropped AND attgenerated = '' $$;

-- Makes the partitions of the weeks from `since` to `until` that are absent, and moves there what the default partition holds of them (ids of a skewed clock,
-- or of a time when nobody made partitions). Returns how many weeks it made. Attaching does not stop readers and writers of the other weeks; what holds a lock
-- for long is not waited for, since that would queue everybody up behind it: the next call tries again, weeks before the partition is needed.
CREATE FUNCTION run_partitions_make(since timestamptz, until timestamptz) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE week timestamptz := date_trunc('week', since, 'UTC'); following timestamptz; lo uuid; hi uuid; parent text; part text; spare text; key text; x record; k int; made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7701, -1);
  WHILE week <= until LOOP
    following := week + interval '168 hours';
    lo := hd_id_at(week);
    hi := hd_id_at(following);
    FOREACH parent IN ARRAY ARRAY['run', 'run_event'] LOOP
      part := parent || to_char(week AT TIME ZONE 'UTC', '_YYYYMMDD');
      CONTINUE WHEN to_regclass(format('partitions.%I', part)) IS NOT NULL;
      spare := parent || '_default';
      key := CASE parent WHEN 'run' THEN 'id' ELSE 'run_id' END;
      EXECUTE format('CREATE TABLE partitions.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)%s', part, parent,
                     CASE parent WHEN 'run' THEN ' WITH (fillfactor = 70)' ELSE '' END);
      EXECUTE format('ALTER TABLE partitions.%I ENABLE ROW LEVEL SECURITY', part);
      -- the primary key last: of indexes that cost the same, as all do while a week is empty, the planner takes the newest, and keeps that plan
      FOR x IN SELECT c.relname, pg_get_indexdef(i.indexrelid) AS def FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = format('public.%I', parent)::regclass AND NOT i.indisprimary LOOP
        EXECUTE replace(x.def, format('INDEX %I ON ONLY public.%I ', x.relname, parent), format('INDEX ON partitions.%I ', part));
      END LOOP;
      EXECUTE (SELECT format('ALTER TABLE partitions.%I ADD ', part) || pg_get_constraintdef(c.oid) FROM pg_constraint c
                WHERE c.conrelid = format('public.%I', parent)::regclass AND c.contype = 'p');
      EXECUTE format('SELECT count(*) FROM (SELECT FROM partitions.%I WHERE %I >= $1 AND %2$I < $2 LIMIT 1) x', spare, key) INTO k USING lo, hi;
      IF k > 0 THEN
        EXECUTE format('LOCK TABLE partitions.%I IN ACCESS EXCLUSIVE MODE', spare);
        EXECUTE format('WITH m AS (DELETE FROM partitions.%I WHERE %I >= $1 AND %2$I < $2 RETURNING *) INSERT INTO partitions.%I (%s) SELECT %4$s FROM m', spare, key, part,
                       hd_columns(format('public.%I', parent)::regclass)) USING lo, hi;
      END IF;
      EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)', parent, part, lo, hi);
      IF parent = 'run' THEN made := made + 1; END IF;
    END LOOP;
    week := following;
  END LOOP;
  RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION run_partitions_make FROM PUBLIC;

-- What every start of Heddle and a daily job call: last week (a clock that is behind) to three weeks from now.
CREATE FUNCTION run_partitions_ahead() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS
  $$ SELECT public.run_partitions_make(now() - interval '7 days', now() + interval '21 days') $$;
REVOKE EXECUTE ON FUNCTION run_partitions_ahead FROM PUBLIC;
GRANT EXECUTE ON FUNCTION run_partitions_ahead TO heddle_engine;

-- The tables as they are, whatever other migrations have made of them, as partitioned ones of the same names.
DO $$ DECLARE t text; key text; x record; n bigint; BEGIN
  FOREACH t IN ARRAY ARRAY['run', 'run_event'] LOOP
    key := CASE t WHEN 'run' THEN 'id' ELSE 'run_id' END;
    EXECUTE format('ALTER TABLE public.%I SET SCHEMA partitions', t);
    EXECUTE format('ALTER TABLE partitions.%I NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', t); -- every row is to be seen by the copy
    EXECUTE format('CREATE TABLE public.%I (LIKE partitions.%1$I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS)
                    PARTITION BY RANGE (%I)', t, key);
    EXECUTE format('CREATE TABLE partitions.%I PARTITION OF public.%I DEFAULT%s', t || '_default', t, CASE t WHEN 'run' THEN ' WITH (fillfactor = 70)' ELSE '' END);
    EXECUTE format('ALTER TABLE partitions.%I ENABLE ROW LEVEL SECURITY', t || '_default');
    FOR x IN SELECT pg_get_indexdef(i.indexrelid) AS def FROM pg_index i
              WHERE i.indrelid = format('partitions.%I', t)::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype <> 'f') LOOP
      EXECUTE replace(x.def, format(' ON partitions.%I ', t), format(' ON public.%I ', t));
    END LOOP;
    FOR x IN SELECT c.conname, pg_get_constraintdef(c.oid) AS def FROM pg_constraint c
              WHERE c.conrelid = format('partitions.%I', t)::regclass AND c.contype IN ('p', 'u', 'f') LOOP
      EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I %s', t, x.conname, x.def);
    END LOOP;
    FOR x IN SELECT * FROM pg_policies WHERE schemaname = 'partitions' AND tablename = t LOOP
      EXECUTE format('CREATE POLICY %I ON public.%I AS %s FOR %s TO %s', x.policyname, t, x.permissive, x.cmd, (SELECT string_agg(quote_ident(r), ', ') FROM unnest(x.roles) r))
        || coalesce(' USING (' || x.qual || ')', '') || coalesce(' WITH CHECK (' || x.with_check || ')', '');
    END LOOP;
    FOR x IN SELECT a.privilege_type AS what, '' AS col, a.grantee::regrole AS who FROM pg_class c, aclexplode(c.relacl) a
              WHERE c.oid = format('partitions.%I', t)::regclass AND a.grantee NOT IN (0, c.relowner)
             UNION ALL
             SELECT a.privilege_type, format('(%I)', b.attname), a.grantee::regrole FROM pg_attribute b JOIN pg_class c ON c.oid = b.attrelid, aclexplode(b.attacl) a
              WHERE c.oid = format('partitions.%I', t)::regclass AND NOT b.attisdropped AND a.grantee NOT IN (0, c.relowner) LOOP
      EXECUTE format('GRANT %s %s ON public.%I TO %s', x.what, x.col, t, x.who);
    END LOOP;
  END LOOP;
  FOR x IN SELECT DISTINCT date_trunc('week', hd_time_of(id), 'UTC') AS week FROM partitions.run
            WHERE id >= hd_id_at('2024-01-01Z') AND id < hd_id_at(now() + interval '21 days') LOOP
    PERFORM run_partitions_make(x.week, x.week);
  END LOOP;
  PERFORM run_partitions_ahead();
  FOREACH t IN ARRAY ARRAY['run', 'run_event'] LOOP
    EXECUTE format('INSERT INTO public.%I (%s) SELECT %2$s FROM partitions.%1$I', t, hd_columns(format('public.%I', t)::regclass));
    GET DIAGNOSTICS n = ROW_COUNT;
    EXECUTE format('DROP TABLE partitions.%I', t);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    IF n > 0 THEN EXECUTE format('ANALYZE public.%I', t); END IF;
  END LOOP;
END $$;
