-- Decisions that runs wait for, and who may take them. Payloads are JSON as text, as in run (jsonb refuses \u0000).
CREATE TABLE "approval" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "workflow_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "data" TEXT NOT NULL,
    "form" TEXT,
    "status" TEXT NOT NULL DEFAULT 'open',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline" TIMESTAMPTZ(3),
    "expiry" TEXT,
    "remind_every" INTEGER,
    "remind_at" TIMESTAMPTZ(3),
    "reminders" INTEGER NOT NULL DEFAULT 0,
    "escalate_at" TIMESTAMPTZ(3),
    "escalate_to" JSONB NOT NULL DEFAULT '[]',
    "escalated_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_type" TEXT,
    "decided_by_id" TEXT,
    "decided_by_name" TEXT,
    "comment" TEXT,
    "values" TEXT,

    CONSTRAINT "approval_pkey" PRIMARY KEY ("organization_id","id"),
    CONSTRAINT "approval_status_check" CHECK ("status" IN ('open', 'approved', 'rejected', 'expired', 'cancelled'))
);
CREATE UNIQUE INDEX "approval_organization_id_run_id_path_attempt_key" ON "approval"("organization_id", "run_id", "path", "attempt");
CREATE INDEX "approval_organization_id_status_id_idx" ON "approval"("organization_id", "status", "id");
ALTER TABLE "approval" ADD CONSTRAINT "approval_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- what the sweep looks for: the few that wait for a time, and the open ones, whose run may have ended
CREATE INDEX "approval_due" ON "approval"("due_at") WHERE due_at IS NOT NULL;
CREATE INDEX "approval_open" ON "approval"("organization_id", "run_id") WHERE status = 'open';

CREATE TABLE "approval_assignee" (
    "organization_id" UUID NOT NULL,
    "approval_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "added" TEXT NOT NULL DEFAULT 'asked',

    CONSTRAINT "approval_assignee_pkey" PRIMARY KEY ("organization_id","approval_id","kind","name")
);
CREATE INDEX "approval_assignee_organization_id_kind_name_approval_id_idx" ON "approval_assignee"("organization_id", "kind", "name", "approval_id");
ALTER TABLE "approval_assignee" ADD CONSTRAINT "approval_assignee_organization_id_approval_id_fkey" FOREIGN KEY ("organization_id", "approval_id")
  REFERENCES "approval"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['approval', 'approval_assignee'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON approval TO heddle_app;
GRANT SELECT, INSERT, DELETE ON approval_assignee TO heddle_app;
GRANT SELECT, UPDATE ON approval TO heddle_engine;
GRANT SELECT, INSERT ON approval_assignee TO heddle_engine;
