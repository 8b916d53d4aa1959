-- /readyz compares the applied migrations with those this Heddle brings. Prisma makes the table before the first migration runs;
-- a shadow database has none.
DO $$ BEGIN
  IF to_regclass('public._prisma_migrations') IS NOT NULL THEN
    GRANT SELECT (migration_name, finished_at, rolled_back_at) ON public._prisma_migrations TO heddle_app;
  END IF;
END $$;
