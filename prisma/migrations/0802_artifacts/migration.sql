-- What lies in the blob store. A row is written before its bytes (ready = false) and is ready after them, so that nothing lies there unknown: what was never
-- finished, or is on its way out, is not ready, and a sweep removes it. The key in the store is organization_id/id.
CREATE TABLE "blob" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "run_id" UUID,
    "size" BIGINT NOT NULL DEFAULT 0,
    "sha256" TEXT NOT NULL DEFAULT '',
    "content_type" TEXT NOT NULL,
    "ready" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blob_pkey" PRIMARY KEY ("organization_id","id")
);
CREATE INDEX "blob_run_id_idx" ON "blob"("run_id");
CREATE INDEX blob_unready ON blob (created_at) WHERE NOT ready;

-- What an organization keeps in the blob store, and how much it may; null: the installation's limit.
CREATE TABLE "storage_use" (
    "organization_id" UUID NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "files" INTEGER NOT NULL DEFAULT 0,
    "limit_bytes" BIGINT,

    CONSTRAINT "storage_use_pkey" PRIMARY KEY ("organization_id")
);

-- A file that a run produced. Its step may run again: the same name of the same step is the same file.
CREATE TABLE "artifact" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "sha256" TEXT NOT NULL,
    "blob_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifact_pkey" PRIMARY KEY ("organization_id","id")
);
CREATE UNIQUE INDEX "artifact_organization_id_run_id_path_name_key" ON "artifact"("organization_id", "run_id", "path", "name");
CREATE INDEX "artifact_run_id_idx" ON "artifact"("run_id");

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['blob', 'storage_use', 'artifact'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
    EXECUTE format('GRANT SELECT ON %I TO heddle_app', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_engine', t);
  END LOOP;
END $$;

-- The bytes of a blob are in place: it counts from now on, unless the organization has no room for it. Whether it had.
CREATE FUNCTION blob_ready(organization uuid, blob_id uuid, bytes bigint, hash text, most bigint) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO storage_use (organization_id) VALUES ($1) ON CONFLICT DO NOTHING;
  UPDATE storage_use u SET bytes = u.bytes + $3, files = u.files + 1 WHERE u.organization_id = $1 AND u.bytes + $3 <= coalesce(u.limit_bytes, $5);
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE blob b SET ready = true, size = $3, sha256 = $4 WHERE b.organization_id = $1 AND b.id = $2 AND NOT b.ready;
  IF NOT FOUND THEN RAISE EXCEPTION 'the blob % was removed while it was written', $2; END IF;
  RETURN true;
END $$;

-- Blobs that go: they count no longer. Their bytes are removed after this has committed, their rows after that.
CREATE FUNCTION blob_doom(organization uuid, blob_ids uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH d AS (UPDATE blob b SET ready = false WHERE b.organization_id = $1 AND b.id = ANY($2) AND b.ready RETURNING b.size),
       s AS (SELECT sum(size) AS bytes, count(*)::int AS files FROM d)
  UPDATE storage_use u SET bytes = u.bytes - s.bytes, files = u.files - s.files FROM s WHERE u.organization_id = $1 AND s.files > 0 $$;
REVOKE EXECUTE ON FUNCTION blob_ready, blob_doom FROM PUBLIC;
GRANT EXECUTE ON FUNCTION blob_ready, blob_doom TO heddle_engine;
