const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const number = /^\d+$/;

/** Says common cron patterns in words (`0 9 * * *` → `Every day at 09:00`); others come back as they are. */
export function describeCron(cron: string): string {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== 5) return cron;
  const [minute, hour, day, month, weekday] = parts as [string, string, string, string, string];
  if (month !== '*') return cron;
  const step = /^\*\/(\d+)$/.exec(minute);
  if (step && hour === '*' && day === '*' && weekday === '*') return `Every ${step[1]} minutes`;
  if (minute === '*' && hour === '*' && day === '*' && weekday === '*') return 'Every minute';
  if (!number.test(minute)) return cron;
  if (hour === '*' && day === '*' && weekday === '*') return minute === '0' ? 'Every hour' : `Every hour at :${minute.padStart(2, '0')}`;
  if (!number.test(hour)) return cron;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (day === '*' && weekday === '*') return `Every day at ${time}`;
  if (day === '*' && weekday === '1-5') return `Weekdays at ${time}`;
  if (day === '*' && number.test(weekday)) return `${days[Number(weekday) % 7]}s at ${time}`;
  if (number.test(day) && weekday === '*') return `Day ${day} of each month at ${time}`;
  return cron;
}
