-- What a run made from another one keeps of it: JSON, read by the worker that starts it.
ALTER TABLE run ADD COLUMN fork TEXT;
GRANT UPDATE (fork) ON run TO heddle_app;

-- Rare statuses and errors can be listed without reading through all runs. The columns are null for most runs and change when one fails, is cancelled
-- or waits; an index on `status` itself would change with every run and end HOT updates.
ALTER TABLE run
  ADD COLUMN rare_status TEXT GENERATED ALWAYS AS (CASE status WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'cancelled' WHEN 'waiting' THEN 'waiting' END) STORED,
  ADD COLUMN error_code TEXT GENERATED ALWAYS AS (substring(error from '^\{"code":"([^"]{1,100})"')) STORED;
CREATE INDEX run_rare_status ON run (organization_id, rare_status, id) WHERE rare_status IS NOT NULL;
CREATE INDEX run_error_code ON run (organization_id, error_code, id) WHERE error_code IS NOT NULL;
CREATE INDEX run_parent ON run (organization_id, parent_run_id, id) WHERE parent_run_id IS NOT NULL;
