/** First path segments that are, or may become, pages of Heddle itself: no organization may be called so. */
export const reservedSlugs: ReadonlySet<string> = new Set(
  `about account accounts admin api app apps assets audit auth billing blog callbacks chat collab contact dashboard data demo docs download embed enterprise events
   explore favicon features feed files forgot-password form forms general health healthz heddle help home hooks images install integrations invite invitations
   invoices jobs legal login logout mail marketplace metrics models new news next notifications oauth openapi organization organizations organisation org orgs
   password pricing privacy profile public publisher publishers ready readyz register robots root run runs schemas search security session sessions settings
   sign-in sign-out sign-up signin signout signup sitemap sso start static status store styleguide support system team teams template templates terms test
   trust undefined null user users verify webhook webhooks well-known workflow workflows www`.split(/\s+/),
);
