const date = /^(\d{4})-(\d{2})-(\d{2})$/;
const time = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,12})?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;

function isDate(value: string): boolean {
  const match = date.exec(value);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isTime(value: string): boolean {
  const match = time.exec(value);
  if (!match) return false;
  const [hour, minute, second, zoneHour = 0, zoneMinute = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 61) <= 60 && zoneHour < 24 && zoneMinute < 60;
}

function isUrl(value: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) && !/\s/.test(value) && URL.canParse(value);
}

function isIpv6(value: string): boolean {
  return value.length <= 45 && /^[0-9A-Fa-f:.]+$/.test(value) && URL.canParse(`http://[${value}]/`);
}

/** Each is linear in the text. Formats that are not here are accepted, as the specification has it. */
const formats: Record<string, (value: string) => boolean> = {
  date: isDate,
  time: isTime,
  'date-time': (value) => {
    const at = value.search(/[Tt ]/);
    return at === 10 && isDate(value.slice(0, at)) && isTime(value.slice(at + 1));
  },
  duration: (value) => /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/.test(value),
  email: (value) => value.length <= 254 && /^[^\s@"(),:;<>[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/.test(value) && !value.includes('..'),
  hostname: (value) => value.length <= 253 && value.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)),
  ipv4: (value) => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(value) && value.split('.').every((part) => Number(part) < 256 && String(Number(part)) === part),
  ipv6: isIpv6,
  uri: isUrl,
  url: isUrl,
  'uri-reference': (value) => !/[\s<>"{}|\\^`]/.test(value) && URL.canParse(value, 'http://localhost/'),
  uuid: (value) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value),
  'json-pointer': (value) => value === '' || /^(?:\/(?:[^~/]|~[01])*)+$/.test(value),
};

/** Whether a text has a format by its name in JSON Schema. */
export function matchesFormat(value: string, format: string): boolean {
  return Object.hasOwn(formats, format) ? (formats[format]?.(value) ?? true) : true;
}
