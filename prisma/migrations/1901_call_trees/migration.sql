-- How many runs one run has led to, by its steps of node type workflow and theirs: a loop whose body calls its own workflow would else start runs without end.
-- null: nobody's step started the run.
ALTER TABLE run ADD COLUMN root_run_id UUID;

-- Counted in the transaction of the call: the calls of one tree take turns at its row. No foreign key to run (0801); it leaves with the run.
CREATE TABLE "run_tree" (
    "organization_id" UUID NOT NULL,
    "root_run_id" UUID NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "run_tree_pkey" PRIMARY KEY ("organization_id","root_run_id")
);
ALTER TABLE run_tree ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_tree FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_tree TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization());
CREATE POLICY engine ON run_tree TO heddle_engine USING (true) WITH CHECK (true);
DO $$ BEGIN
  EXECUTE format('CREATE POLICY owner ON run_tree TO %I USING (true) WITH CHECK (true)', current_user);
END $$;
GRANT SELECT ON run_tree TO heddle_app;
GRANT SELECT, INSERT, UPDATE ON run_tree TO heddle_engine;

-- As in 0803, and the counts of trees.
CREATE OR REPLACE FUNCTION retention_delete(organization uuid, keep_from uuid, most int) RETURNS TABLE (runs int, events bigint, blobs text[]) LANGUAGE plpgsql SECURITY DEFINER
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
  DELETE FROM run_tree t WHERE t.organization_id = $1 AND t.root_run_id = ANY(ids);
  DELETE FROM event_wait w WHERE w.organization_id = $1 AND w.run_id = ANY(ids);
  gone := ARRAY(SELECT b.id FROM blob b WHERE b.organization_id = $1 AND b.run_id = ANY(ids));
  PERFORM blob_doom($1, gone);
  RETURN QUERY SELECT k, n, ARRAY(SELECT $1 || '/' || g FROM unnest(gone) g);
END $$;

CREATE OR REPLACE FUNCTION run_week_drop(week text) RETURNS TABLE (runs int, events bigint) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE k int; n bigint; lo uuid; hi uuid; BEGIN
  SELECT d.lo, d.hi INTO lo, hi FROM run_weeks_detached() d WHERE d.week = $1;
  IF NOT FOUND THEN RAISE EXCEPTION 'the week % has not left the tables', $1; END IF;
  k := retention_count(format('SELECT * FROM partitions.%I', 'run_' || $1));
  EXECUTE format('SELECT count(*) FROM partitions.%I', 'run_event_' || $1) INTO n;
  DELETE FROM artifact a WHERE a.run_id >= lo AND a.run_id < hi;
  DELETE FROM approval a WHERE a.run_id >= lo AND a.run_id < hi;
  DELETE FROM run_call c WHERE c.caller_run_id >= lo AND c.caller_run_id < hi;
  DELETE FROM run_tree t WHERE t.root_run_id >= lo AND t.root_run_id < hi;
  DELETE FROM event_wait w WHERE w.run_id >= lo AND w.run_id < hi;
  EXECUTE format('DROP TABLE partitions.%I, partitions.%I', 'run_event_' || $1, 'run_' || $1);
  RETURN QUERY SELECT k, n;
END $$;
