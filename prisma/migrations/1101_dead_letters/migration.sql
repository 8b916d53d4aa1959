-- Runs that need somebody: their retries are exhausted, or they killed the workers that ran them. The run itself stays as it failed; a retry is a new run.
CREATE TABLE "dead_letter" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "workflow_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "step" TEXT,
    "code" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'open',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_by" TEXT,
    "resolved_at" TIMESTAMPTZ(3),
    "retry_run_id" UUID,

    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("organization_id","id"),
    CONSTRAINT "dead_letter_reason_check" CHECK ("reason" IN ('exhausted', 'poisoned')),
    CONSTRAINT "dead_letter_status_check" CHECK ("status" IN ('open', 'retried', 'discarded'))
);
CREATE UNIQUE INDEX "dead_letter_organization_id_run_id_key" ON "dead_letter"("organization_id", "run_id");
CREATE INDEX "dead_letter_organization_id_status_id_idx" ON "dead_letter"("organization_id", "status", "id");
ALTER TABLE "dead_letter" ADD CONSTRAINT "dead_letter_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- which versions poisoned runs lately; workers ask again and again
CREATE INDEX "dead_letter_poisoned" ON "dead_letter"("at") WHERE reason = 'poisoned';

ALTER TABLE dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON dead_letter TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization());
CREATE POLICY engine ON dead_letter TO heddle_engine USING (true) WITH CHECK (true);
DO $$ BEGIN
  EXECUTE format('CREATE POLICY owner ON dead_letter TO %I USING (true) WITH CHECK (true)', current_user);
END $$;
GRANT SELECT ON dead_letter TO heddle_app;
GRANT UPDATE (status, resolved_by, resolved_at, retry_run_id) ON dead_letter TO heddle_app;
GRANT SELECT, INSERT ON dead_letter TO heddle_engine;

-- Puts a run among the dead letters, once: a second call for the same run does nothing and says false. The run must exist in the same transaction or before.
-- The id is a UUIDv7, so that ids are in order of time; PostgreSQL has uuidv7() from 18 on only.
CREATE FUNCTION dead_letter_add(organization uuid, run uuid, step text, code text, message text, attempts int, reason text) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE k int; BEGIN
  INSERT INTO dead_letter (organization_id, id, run_id, workflow_id, version_id, step, code, message, attempts, reason)
  SELECT organization,
         encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
         r.id, r.workflow_id, r.version_id, nullif(step, ''), code, message, attempts, reason
    FROM run r WHERE r.organization_id = organization AND r.id = run
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS k = ROW_COUNT;
  RETURN k > 0;
END $$;
REVOKE EXECUTE ON FUNCTION dead_letter_add FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dead_letter_add TO heddle_engine;
