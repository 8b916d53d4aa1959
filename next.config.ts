import type { NextConfig } from 'next';

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // our own server answers, and the supervisor says what happened
  devIndicators: false,
  // Node-only packages that the bundler must leave alone
  serverExternalPackages: [
    '@node-rs/argon2',
    '@prisma/adapter-pg',
    '@prisma/client',
    'pg',
    'pino',
    'prom-client',
    'undici',
    'quickjs-emscripten-core',
    '@jitl/quickjs-wasmfile-release-sync',
  ],
  // Next would ask the npm registry for advisories at build and in development: nothing here calls home
  experimental: { agentUpgrade: false },
  turbopack: { root: import.meta.dirname },
  // no image is ever optimised at run time: what is shipped is small already, and sharp stays out of memory
  images: { unoptimized: true },
  typescript: { ignoreBuildErrors: false },
};

export default config;
