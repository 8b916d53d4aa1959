-- Roles, grants and row-level security (design §3).
-- heddle_app: people's and API traffic, one tenant per transaction. heddle_engine: cross-tenant batches on the run tables.
-- Both get LOGIN and a password derived from HEDDLE_SECRET by server/db/provision.ts after the migrations.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'heddle_app') THEN CREATE ROLE heddle_app NOLOGIN NOBYPASSRLS; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'heddle_engine') THEN CREATE ROLE heddle_engine NOLOGIN NOBYPASSRLS; END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the role % may not create roles: give it CREATEROLE, or create the roles heddle_app and heddle_engine yourself', current_user;
  WHEN duplicate_object OR unique_violation THEN NULL; -- a concurrent migration of another database made them
END $$;

GRANT USAGE ON SCHEMA public TO heddle_app, heddle_engine;

CREATE FUNCTION current_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.organization_id', true), '')::uuid $$;
CREATE FUNCTION current_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;

-- Not of a tenant
GRANT SELECT, INSERT, UPDATE, DELETE ON user_account, identity, session, login_attempt TO heddle_app;
GRANT SELECT ON installation TO heddle_app, heddle_engine;

-- Tenant tables
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['membership','project','api_key','audit_event','idempotency_key','credential','data_key',
                           'workflow','workflow_version','trigger','run','run_event','run_inbox','run_queue'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO heddle_app USING (organization_id = current_organization()) WITH CHECK (organization_id = current_organization())', t);
  END LOOP;
END $$;
ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization TO heddle_app USING (id = current_organization()) WITH CHECK (id = current_organization());
CREATE POLICY member ON organization FOR SELECT TO heddle_app
  USING (EXISTS (SELECT FROM membership m WHERE m.organization_id = organization.id AND m.user_id = current_account()));
CREATE POLICY own ON membership FOR SELECT TO heddle_app USING (user_id = current_account());
-- Capabilities: who knows the whole secret may see the one row it names, before a tenant is known.
CREATE POLICY by_hash ON api_key FOR SELECT TO heddle_app USING (hash = nullif(current_setting('app.key_hash', true), ''));
CREATE POLICY by_token ON trigger FOR SELECT TO heddle_app USING (token = nullif(current_setting('app.hook_token', true), ''));

GRANT SELECT, INSERT, UPDATE, DELETE ON organization, membership, project, api_key, idempotency_key, credential, data_key, workflow, trigger TO heddle_app;
GRANT SELECT, INSERT ON audit_event, workflow_version, run_inbox TO heddle_app; -- immutable
GRANT SELECT, INSERT ON run, run_event TO heddle_app;
GRANT SELECT, INSERT ON run_queue TO heddle_app;

-- The engine
ALTER TABLE queue_tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_tenant FORCE ROW LEVEL SECURITY;
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['run','run_event','run_inbox','run_queue','queue_tenant'] LOOP
    EXECUTE format('CREATE POLICY engine ON %I TO heddle_engine USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO heddle_engine', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['workflow','workflow_version','project','trigger'] LOOP
    EXECUTE format('CREATE POLICY engine_read ON %I FOR SELECT TO heddle_engine USING (true)', t);
    EXECUTE format('GRANT SELECT ON %I TO heddle_engine', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_worker TO heddle_engine;
CREATE POLICY engine_fire ON trigger FOR UPDATE TO heddle_engine USING (true) WITH CHECK (true);
GRANT UPDATE (next_at) ON trigger TO heddle_engine;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO heddle_app, heddle_engine;

-- The owner of the tables is subject to FORCE RLS too (it need not be a superuser); migrations and `heddle doctor` need to see rows.
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity LOOP
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true) WITH CHECK (true)', t, current_user);
  END LOOP;
END $$;

-- A link across tenants cannot be represented.
ALTER TABLE workflow ADD CONSTRAINT workflow_current_version_fkey FOREIGN KEY (organization_id, current_version_id)
  REFERENCES workflow_version (organization_id, id) DEFERRABLE INITIALLY DEFERRED;
