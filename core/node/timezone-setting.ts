import * as z from 'zod';

const isTimezone = (value: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
};

/** A setting that holds the name of a time zone. */
export const timezoneSetting = () => z.string().refine(isTimezone, 'wants a time zone like Europe/Berlin or UTC');
