import { IconApi, IconBolt, IconBrowserCheck, IconDatabase, IconLock, IconRefresh } from '@tabler/icons-react';
import { FlowPicture } from '@/components/site/flow-picture';
import classes from '@/components/site/landing.module.css';
import { ButtonLink } from '@/components/ui/link';

const promises = [
  {
    icon: IconBrowserCheck,
    title: 'Draw it, watch it',
    text: 'Drag steps onto a canvas, connect them, press Run, and see each one change state live, with its input and output.',
  },
  {
    icon: IconDatabase,
    title: 'Nothing gets lost',
    text: 'Every finished step is saved. After a crash a run goes on where it was, and what is done is never done twice.',
  },
  {
    icon: IconBolt,
    title: 'Quick by design',
    text: 'Thousands of runs per second on two cores and one PostgreSQL. Webhooks answer within milliseconds, saved in full.',
  },
  {
    icon: IconRefresh,
    title: 'Calm about failure',
    text: 'Retries with backoff, timeouts, fallbacks and other branches are settings of a step. Retry a run from any step.',
  },
  {
    icon: IconLock,
    title: 'Yours alone',
    text: 'Organizations are kept apart in the database itself. Secrets are sealed and only go to the hosts they are bound to.',
  },
  { icon: IconApi, title: 'Open at every end', text: 'A workflow is a readable YAML file. Start it from the API, a webhook, a schedule or the command line.' },
];

export default function LandingPage() {
  return (
    <div className={classes.landing}>
      <section className={classes.hero}>
        <h1>Workflows with AI inside, woven to last</h1>
        <p>Draw what should happen, bring in a model where it helps, and let Heddle run it: durably, in the open, on your own machine.</p>
        <div className={classes.calls}>
          <ButtonLink href="/signup" size="md">
            Get started
          </ButtonLink>
          <ButtonLink href="/store" size="md" variant="default">
            See the templates
          </ButtonLink>
        </div>
      </section>
      <FlowPicture />
      <section className={classes.promises} aria-label="What Heddle does">
        {promises.map(({ icon: Icon, title, text }) => (
          <div key={title}>
            <Icon size={22} stroke={1.7} className={classes.icon} aria-hidden />
            <h2>{title}</h2>
            <p>{text}</p>
          </div>
        ))}
      </section>
      <figure className={classes.shot}>
        <img
          src="/images/editor-light.png"
          width={1440}
          height={900}
          loading="lazy"
          alt="The editor after a run: every step shows how long it took, and the chosen one its settings and its last output."
          data-scheme="light"
        />
        <img src="/images/editor-dark.png" width={1440} height={900} loading="lazy" alt="The editor after a run, in dark colours." data-scheme="dark" />
      </figure>
      <section className={classes.try}>
        <div>
          <h2>Two commands to your own</h2>
          <p>Heddle brings its database along. It needs Node and nothing else, and three workflows that run without any key are already inside.</p>
        </div>
        <pre tabIndex={0} aria-label="Commands to install Heddle">
          <code>
            npm start{'\n'}
            npx heddle run research-report --wait
          </code>
        </pre>
      </section>
    </div>
  );
}
