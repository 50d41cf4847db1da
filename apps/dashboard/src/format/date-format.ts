/** Time zones and styles are few, and making a formatter takes a hundred times as long as using it. */
const made = new Map<string, Intl.DateTimeFormat>();

/**
 * A formatter of dates, made once.
 *
 * @param locale undefined: the reader's.
 */
export function dateFormat(
  locale: string | undefined,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, options);
    made.set(key, format);
  }
  return format;
}
